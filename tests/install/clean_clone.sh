#!/usr/bin/env bash
# The promise of the README on what is committed: clone into an empty folder, `make build`, ask the program its version.
#   tests/install/clean_clone.sh [COMMIT]     default: HEAD
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
commit=$(git -C "$root" rev-parse --verify "${1:-HEAD}^{commit}")
clone=$(mktemp -d)
trap 'rm -rf "$clone"' EXIT

git clone --quiet --no-checkout "$root" "$clone"
git -C "$clone" -c advice.detachedHead=false checkout --quiet "$commit"
make -C "$clone" build

wanted=$(sed -n 's/^project(swell VERSION \([0-9.]*\).*/\1/p' "$clone/CMakeLists.txt")
got=$("$clone/build/release/swell" --version)
if ! grep -qwF "$wanted" <<<"$got"; then
  echo "clean_clone.sh: swell --version says '$got', expected $wanted" >&2
  exit 1
fi
if [ -n "$(git -C "$clone" status --porcelain)" ]; then
  echo "clean_clone.sh: the build left files in the source tree:" >&2
  git -C "$clone" status --short >&2
  exit 1
fi
echo "clean clone of $commit builds: $got"
