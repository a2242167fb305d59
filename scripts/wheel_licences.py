#!/usr/bin/env python3
"""Puts the licences of all that a repaired wheel holds of others into it.

usage: scripts/wheel_licences.py WHEEL [--vcpkg /opt/vcpkg/installed]

Into swell-VERSION.dist-info/licenses/third_party: a file for each package that a library in swell.libs comes from, and for
each that is compiled in. On Debian they are those of /usr/share/doc, with the common licences that they name; with --vcpkg
those of its ports. Ends with an error where a library's licence is not found. Needs the package `wheel`.
"""
import argparse
import importlib.metadata
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

DOC = pathlib.Path("/usr/share/doc")
COMMON = pathlib.Path("/usr/share/common-licenses")
# Headers whose code is in the extension, and libraries that are linked into it.
COMPILED_IN = ("libeigen3-dev", "liblemon-dev", "nlohmann-json3-dev", "libpugixml1v5", "libgif7")


def output(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else ""


def plain_name(library):
    """Of a library that auditwheel renamed: libz-0a1b2c3d.so.1.2.13 is libz.so.1.2.13, liblber-2-0a1b2c3d.5.so.0 is liblber-2.5.so.0."""
    return re.sub(r"-[0-9a-f]{8}(?=\.)", "", library)


def debian_package(library):
    """The package that owns a library of the system, by the longest name that a file there begins with."""
    stem = library.split(".so")[0]
    for pattern in (library, f"{stem}.so.*", f"{stem}*.so*"):
        owners = {line.split(":")[0] for line in output("dpkg", "-S", f"*/{pattern}").splitlines()
                  if "/lib/" in line and not line.split(":")[0].endswith(("-dev", "-dbg"))}
        if owners:
            return min(owners, key=len)
    sys.exit(f"wheel_licences.py: no package of the system has {library}")


def debian_texts(packages):
    texts, named = {}, set()
    for package in sorted(packages):
        text = (DOC / package / "copyright").read_text(encoding="utf-8", errors="replace")
        named.update(re.findall(r"/usr/share/common-licenses/([A-Za-z0-9.-]*[A-Za-z0-9])", text))
        texts[package] = text
    for name in sorted(named):
        if (COMMON / name).exists():
            texts[f"common-{name}"] = (COMMON / name).read_text(encoding="utf-8", errors="replace")
    return texts


def vcpkg_texts(folder):
    texts = {path.parent.name: path.read_text(encoding="utf-8", errors="replace")
             for path in sorted(pathlib.Path(folder).glob("*/share/*/copyright"))}
    if not texts:
        sys.exit(f"wheel_licences.py: {folder} holds no licences of ports")
    return texts


def nanobind_text():
    try:
        files = importlib.metadata.files("nanobind") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    texts = [pathlib.Path(file.locate()).read_text() for file in files if file.name.upper().startswith("LICENSE")]
    if not texts:
        sys.exit("wheel_licences.py: nanobind, which is compiled in, is not here with its licence")
    return "\n".join(texts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wheel", type=pathlib.Path)
    parser.add_argument("--vcpkg")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "wheel", "unpack", "-d", folder, given.wheel], check=True,
                       stdout=subprocess.DEVNULL)
        (root,) = pathlib.Path(folder).iterdir()
        libraries = sorted(path.name for path in root.glob("swell.libs/*"))
        if given.vcpkg:
            texts = vcpkg_texts(given.vcpkg)
        else:
            owners = {library: debian_package(plain_name(library)) for library in libraries}
            texts = debian_texts({*owners.values(), *COMPILED_IN})
        texts["nanobind"] = nanobind_text()
        (info,) = root.glob("*.dist-info")
        place = info / "licenses" / "third_party"
        place.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (place / f"{name}.txt").write_text(text, encoding="utf-8")
        if not given.vcpkg:
            lines = [f"{library}: {package}.txt\n" for library, package in owners.items()]
            (place / "libraries.txt").write_text("".join(lines), encoding="utf-8")
        packed = pathlib.Path(folder) / "packed"
        packed.mkdir()
        subprocess.run([sys.executable, "-m", "wheel", "pack", "-d", packed, root], check=True, stdout=subprocess.DEVNULL)
        (made,) = packed.iterdir()
        if made.name != given.wheel.name:
            sys.exit(f"wheel_licences.py: {given.wheel.name} became {made.name}")
        shutil.copyfile(made, given.wheel)
    print(f"{given.wheel.name}: {len(libraries)} libraries, {len(texts)} licences")


if __name__ == "__main__":
    main()
