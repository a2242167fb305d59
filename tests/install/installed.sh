#!/usr/bin/env bash
# What `cmake --install` puts where, and that another project takes Swell by add_subdirectory.
#   tests/install/installed.sh BUILD     a folder in which swell_program is built
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$1
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
fail() { echo "installed.sh: $*" >&2; exit 1; }

cmake --install "$build" --prefix "$place/usr" >"$place/log" || { cat "$place/log"; fail "cmake --install failed"; }
for file in bin/swell share/man/man1/swell.1 share/bash-completion/completions/swell share/zsh/site-functions/_swell \
  share/fish/vendor_completions.d/swell.fish share/swell/designs/whitelam2026.toml share/swell/examples/A.mtx; do
  [ -s "$place/usr/$file" ] || fail "$file is missing or empty"
done
cd "$place"
usr/bin/swell solve usr/share/swell/examples/A.mtx usr/share/swell/examples/b.mtx --quick >/dev/null || fail "the installed program does not run"
bash -n usr/share/bash-completion/completions/swell || fail "the completion is not bash"
grep -q '^\.SH COMMANDS' usr/share/man/man1/swell.1 || fail "the manual page has no commands"

grep -rn "nlohmann" usr/include/swell && fail "an installed header takes JSON along"

# The library: found by CMake and by pkg-config, with the headers that are installed and no others.
cmake -S "$root/examples/library" -B "$place/pair" -G Ninja -DCMAKE_PREFIX_PATH="$place/usr" >"$place/log" 2>&1 &&
  cmake --build "$place/pair" >>"$place/log" 2>&1 || { cat "$place/log"; fail "find_package(swell) failed"; }
"$place/pair/pair" | grep -q '^<x y> = 0\.6.* exact 0\.6667$' || fail "the program of examples/library says: $("$place/pair/pair")"
library=$(dirname "$(find "$place/usr" -name swell.pc)")
flags=$(PKG_CONFIG_PATH=$library pkg-config --define-variable=prefix="$place/usr" --cflags --libs swell) || fail "pkg-config does not find swell"
c++ "$root/examples/library/pair.cc" $flags -o "$place/by_pkg_config" 2>"$place/log" || { cat "$place/log"; fail "pkg-config's flags do not build"; }
"$place/by_pkg_config" >/dev/null || fail "the program that pkg-config's flags built does not run"

# A project that says nothing of a language standard. One of its files is compiled, which needs the library's headers and
# flags; building the library again would take minutes.
mkdir "$place/mine"
cat >"$place/mine/CMakeLists.txt" <<EOF
cmake_minimum_required(VERSION 3.25)
project(mine LANGUAGES CXX)
add_subdirectory($root swell)
add_executable(mine mine.cc)
target_link_libraries(mine PRIVATE swell::swell)
EOF
cat >"$place/mine/mine.cc" <<'EOF'
#include "swell/engine/run.h"
#include "swell/version.h"
static_assert(__cplusplus >= 202002L);
int main() { return swell::RunOptions{}.trajectories < 0; }
EOF
cmake -S "$place/mine" -B "$place/mine/build" -G Ninja -DCMAKE_EXPORT_COMPILE_COMMANDS=ON >"$place/log" 2>&1 ||
  { cat "$place/log"; fail "add_subdirectory failed"; }
command=$(sed -n 's/^ *"command": "\(.* -c [^ ]*mine\/mine.cc\)",$/\1/p' "$place/mine/build/compile_commands.json")
[ -n "$command" ] || fail "there is no command that compiles mine.cc"
(cd "$place/mine/build" && mkdir -p CMakeFiles/mine.dir && eval "$command") || fail "a file that includes Swell does not compile"
echo "installed.sh: everything is in its place"
