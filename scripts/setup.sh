#!/usr/bin/env bash
# Installs what Swell needs to build and test on Debian 12 or Ubuntu 24.04 and later; does nothing when all is there.
#   scripts/setup.sh [--style] [--fuzz] [--python] [--docs] [--mpi] [--web]
# for `make style`, `make fuzz`, the Python package that `make test` tests, `make docs`, jobs of several processes, and
# `make web`
set -euo pipefail

packages=(make g++ cmake ninja-build
  libcli11-dev libfmt-dev nlohmann-json3-dev libtomlplusplus-dev libpng-dev libgif-dev libeigen3-dev liblemon-dev coinor-libclp-dev libpugixml-dev
  zlib1g-dev libssl-dev libcurl4-openssl-dev libbz2-dev libdivsufsort-dev libgtest-dev librapidcheck-dev libbenchmark-dev python3-dev python3-venv
  ngspice)  # ngspice: optional, circuits are checked in it
with_python=
with_mpi=
with_docs=
for option in "$@"; do
  case $option in
    --style) packages+=(clang-format python3) ;;
    --fuzz) packages+=(clang libclang-rt-14-dev) ;;
    --python) with_python=yes ;;
    --mpi) with_mpi=yes; packages+=(libopenmpi-dev openmpi-bin) ;;
    --docs) with_docs=yes; packages+=(fonts-stix) ;;
    --web)
      packages+=(emscripten librange-v3-dev chromium)
      command -v npm >/dev/null || packages+=(nodejs npm) ;;  # others' packages of Node.js bring npm along
    *) echo "setup.sh: unknown option '$option'; allowed: --style, --fuzz, --python, --docs, --mpi, --web" >&2; exit 2 ;;
  esac
done

# --python: what the Python package is built and tested with, in build/venv; without it the build leaves the package out.
# With --mpi, mpi4py as well.
python_packages=(nanobind scikit-build-core numpy scipy pytest mypy matplotlib networkx dimod scikit-learn xarray tqdm)
make_venv() {
  local folder log
  folder=$(cd "$(dirname "$0")/.." && pwd)/build/venv
  if [ -n "$with_mpi" ] && [ -e "$folder/complete" ] && ! "$folder/bin/pip" show --quiet mpi4py 2>/dev/null; then
    echo "installing for Python, in build/venv: mpi4py"
    "$folder/bin/pip" install --quiet mpi4py || echo "setup.sh: mpi4py was not to be had; its tests are skipped" >&2
  fi
  if [ -z "$with_python" ] || [ -e "$folder/complete" ]; then return 0; fi
  command -v python3 >/dev/null || return 0
  if [ -n "$with_mpi" ]; then python_packages+=(mpi4py); fi
  echo "installing for Python, in build/venv: ${python_packages[*]}"
  log=$(mktemp)
  if python3 -m venv "$folder" >"$log" 2>&1 && "$folder/bin/pip" install --quiet "${python_packages[@]}" >>"$log" 2>&1; then
    touch "$folder/complete"
  else
    tail -3 "$log" >&2
    echo "setup.sh: the packages for Python were not to be had; the Python package is left out" >&2
    rm -rf "$folder"
  fi
  rm -f "$log"
}

# --docs: what the site is built with, in build/docs-venv, in the versions of docs/requirements.txt.
make_docs_venv() {
  local root folder wanted
  root=$(cd "$(dirname "$0")/.." && pwd)
  folder=$root/build/docs-venv wanted=$root/docs/requirements.txt
  if [ -z "$with_docs" ] || cmp -s "$wanted" "$folder/complete"; then return 0; fi
  echo "installing for the documentation, in build/docs-venv: docs/requirements.txt"
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check -r "$wanted"
  cp "$wanted" "$folder/complete"
}

# Elsewhere the user brings the libraries, and CMake says which one it does not find.
if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "setup.sh: this is not Debian or Ubuntu, so nothing is installed; the build needs a C++20 compiler (g++ 12)," \
    "CMake 3.25, Ninja, and with their headers: CLI11 2.1, fmt 9, nlohmann-json 3.11, toml++ 3.3, libpng, giflib 5," \
    "Eigen 3.4, LEMON 1.3, CLP 1.17, pugixml 1.11, zlib, OpenSSL, libcurl 7.85, bzip2, libdivsufsort, GoogleTest, rapidcheck, Google Benchmark;" \
    "the Python package CPython 3.11 with its headers" >&2
  make_venv
  make_docs_venv
  exit 0
fi

installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null || true)
missing=()
for package in "${packages[@]}"; do
  grep -qxF "installed $package" <<<"$installed" || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  make_venv
  make_docs_venv
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "setup.sh: these packages are missing, and installing them takes root: ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

echo "installing: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
  if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1; then
    cat "$log" >&2
    echo "setup.sh: 'apt-get $*' failed" >&2
    exit 1
  fi
}
apt update
apt install -y --no-install-recommends "${missing[@]}"
make_venv
make_docs_venv
