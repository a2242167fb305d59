#!/usr/bin/env bash
# Builds the engines on a computer that has a device and its compiler, holds the device's against the others, measures it,
# and writes all figures into one JSON file, in under six minutes.
#   scripts/gpu_check.sh [--libraries FOLDER] [--build FOLDER] [--build-only | --run-only] [FILE]     FILE: device.json
#   scripts/gpu_check.sh --collect FOLDER
# --collect copies headers and static libraries that the engines need, from a computer that has them, so that one without
# can build with --libraries. --build-only and --run-only are for computers on which programs are built on one node and run
# on another. The comparison with PyTorch is made where python3 has it.
set -euo pipefail
cd "$(dirname "$0")/.."

libraries="" build="build/device" file="device.json" builds=yes runs=yes
while [ $# -gt 0 ]; do
  case $1 in
    --libraries) libraries=$(realpath "$2"); shift 2 ;;
    --build) build=$2; shift 2 ;;
    --build-only) runs=no; shift ;;
    --run-only) builds=no; shift ;;
    --collect)
      mkdir -p "$2/include" "$2/lib"
      for name in fmt nlohmann openssl zlib.h zconf.h eigen3/Eigen; do
        for root in /usr/include "/usr/include/$(gcc -dumpmachine)" /usr/local/include; do
          if [ -e "$root/$name" ]; then cp -r "$root/$name" "$2/include/"; fi
        done
      done
      # One of the headers of OpenSSL belongs to the kind of computer.
      if [ -d "/usr/include/$(gcc -dumpmachine)/openssl" ]; then cp "/usr/include/$(gcc -dumpmachine)"/openssl/* "$2/include/openssl/"; fi
      for name in libcrypto.a libz.a; do cp "$(gcc -print-file-name=$name)" "$2/lib/"; done
      exit 0 ;;
    -*) echo "gpu_check.sh: unknown option '$1'; allowed: --libraries, --build, --build-only, --run-only, --collect" >&2; exit 2 ;;
    *) file=$1; shift ;;
  esac
done

start=$(date +%s)
generator=()
if command -v ninja >/dev/null; then generator=(-G Ninja); fi
if [ $builds = yes ]; then
  cmake -S bench/device -B "$build" "${generator[@]}" -DSWELL_CUDA=ON -DSWELL_LIBRARIES="$libraries"
  cmake --build "$build" -j "$(nproc)" --target device_check
fi
if [ $runs = no ]; then exit 0; fi
built=$(date +%s)
"$build/device_check" "$build/device.json" >/dev/null
peer="$build/torch.json"
rm -f "$peer"
if python3 -c "import torch, sys; sys.exit(not torch.cuda.is_available())" 2>/dev/null; then
  python3 bench/peers/torch_step.py "$peer" >/dev/null || rm -f "$peer"
fi
python3 - "$build/device.json" "$peer" "$file" "$((built - start))" "$(($(date +%s) - start))" <<'PYTHON'
import json
import os
import sys

device, peer, out, built, seconds = sys.argv[1:]
with open(device, encoding="utf-8") as file:
    result = json.load(file)
if os.path.exists(peer):
    with open(peer, encoding="utf-8") as file:
        result["torch"] = json.load(file)
result["build_s"], result["seconds"] = int(built), int(seconds)
with open(out, "w", encoding="utf-8") as file:
    file.write(json.dumps(result, indent=2) + "\n")
checks = [result["draws"], *result["conformance"], *result["rounded"], *result["pbits"]]
failed = [check for check in checks if not check["passed"]]
print(f"{result['device']}: {len(checks) - len(failed)} of {len(checks)} checks passed, {seconds} s; figures in {out}")
for check in failed:
    print("failed:", json.dumps(check))
sys.exit(1 if failed else 0)
PYTHON
