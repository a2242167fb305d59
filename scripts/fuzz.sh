#!/usr/bin/env bash
# Builds the fuzz preset and runs each target of tests/fuzz on a copy of its corpus.
#   scripts/fuzz.sh [SECONDS]     seconds per target, default 60
# tests/fuzz/NAME.cc is target fuzz_NAME; its corpus, where there is one, is tests/fuzz/corpus/NAME/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${1:-60}

names=$(find tests/fuzz -maxdepth 1 -name '*.cc' -printf '%f\n' | sed 's/\.cc$//' | sort)
if [ -z "$names" ]; then
  echo "fuzz.sh: no target in tests/fuzz" >&2
  exit 1
fi
cmake --preset fuzz
for name in $names; do
  cmake --build --preset fuzz --target "fuzz_$name"
done

for name in $names; do
  corpus=build/fuzz/corpus/$name
  mkdir -p "$corpus"
  if [ -d "tests/fuzz/corpus/$name" ]; then
    cp -R "tests/fuzz/corpus/$name/." "$corpus/"
  fi
  echo "fuzz_$name: $seconds s"
  "build/fuzz/fuzz_$name" -max_total_time="$seconds" -verbosity=0 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/$name-" "$corpus"
done
