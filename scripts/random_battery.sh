#!/usr/bin/env bash
# Public batteries on the random words of the noise (docs/noise.md), one order of the address after another.
#   scripts/random_battery.sh [-o DIR] [ORDER...]     ORDER: unit step trajectory seed (all four)
# Runs what it finds: dieharder (Debian package dieharder), RNG_test (PractRand), TestU01Drv (cargo install TestU01Drv).
# dieharder takes half an hour of a core per order, SmallCrush a minute, PractRand to 64 GiB a quarter of an hour.
set -euo pipefail
cd "$(dirname "$0")/.."

out=build/random_battery
if [ "${1:-}" = -o ]; then
  out=${2:?"random_battery.sh: -o needs a folder"}
  shift 2
fi
orders=("$@")
[ ${#orders[@]} -gt 0 ] || orders=(unit step trajectory seed)

cmake --preset release >/dev/null
cmake --build --preset release --target raw_bits
words=build/release/tests/raw_bits
mkdir -p "$out"

found=0
for order in "${orders[@]}"; do
  # raw_bits ends when its reader does.
  if command -v dieharder >/dev/null; then
    found=1
    "$words" "$order" | dieharder -a -g 200 | tee "$out/dieharder-$order.txt"
  fi
  if command -v RNG_test >/dev/null; then
    found=1
    "$words" "$order" | RNG_test stdin32 -tlmax 64GB -multithreaded | tee "$out/practrand-$order.txt"
  fi
  if command -v TestU01Drv >/dev/null; then
    found=1
    "$words" "$order" | TestU01Drv --tests SmallCrush | tee "$out/smallcrush-$order.txt"
  fi
done
if [ "$found" -eq 0 ]; then
  echo "random_battery.sh: none of dieharder, RNG_test, TestU01Drv is installed" >&2
  exit 1
fi
