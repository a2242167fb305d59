#!/usr/bin/env bash
# The page that runs a thermodynamic computer in a browser, build/web/swell.html, and the npm package in web/dist.
#   scripts/web.sh          builds them
#   scripts/web.sh --test   builds them and tries them: the engine against build/release/swell, the page in Chromium
# Needs what scripts/setup.sh --web installs.
set -euo pipefail
cd "$(dirname "$0")/.."

for tool in emcmake node npm; do
  command -v "$tool" >/dev/null || { echo "web.sh: $tool is missing; scripts/setup.sh --web installs it" >&2; exit 1; }
done
export NODE_PATH=${NODE_PATH:-/usr/share/nodejs}  # where Debian keeps what emscripten needs of Node.js, whoever made the node
emcmake cmake -S web/engine -B build/web/engine -G Ninja >/dev/null
cmake --build build/web/engine
if ! cmp -s web/package-lock.json web/node_modules/complete; then
  npm --prefix web ci --no-audit --no-fund
  cp web/package-lock.json web/node_modules/complete
fi
npm --prefix web run --silent check
npm --prefix web run --silent build
npx --prefix web tsc -p web/tsconfig.package.json
if [ "${1:-}" = --test ]; then
  cmake --preset release >/dev/null
  cmake --build --preset release --target swell_program
  npm --prefix web run --silent test
fi
