#!/usr/bin/env python3
"""Writes swell/_swell.pyi from the extension that can be imported, or says whether it is as it would be written.

usage: make_stub.py [--check]
"""
import pathlib
import re
import sys

PLACE = pathlib.Path(__file__).resolve().parent / "swell" / "_swell.pyi"


def made():
    sys.path = [folder for folder in sys.path if pathlib.Path(folder or ".").resolve() != PLACE.parents[1]]
    from nanobind.stubgen import StubGen

    import swell._swell

    stub = StubGen(swell._swell, include_private=True)
    stub.put(swell._swell)
    text = stub.get()
    text = re.sub(r"Annotated\[NDArray\[([\w.]+)\], dict\(.*?\)\]", r"NDArray[\1]", text)
    for plain, full in (("dict", "dict[str, Any]"), ("list", "list[Any]"), ("tuple", "tuple[Any, ...]"), ("object", "Any")):
        text = re.sub(rf"(?<=[:>|] ){plain}(?=[,:)\s])", full, text)
    text = text.replace("from typing import Annotated, overload", "from typing import Any, overload")
    return text.replace("\ndef hardware_threads", "\n__version__: str\n\ndef hardware_threads", 1)


def main():
    text = made()
    if "--check" not in sys.argv[1:]:
        PLACE.write_text(text)
    elif PLACE.read_text() != text:
        sys.exit(f"{PLACE.name} is not that of the extension; python/make_stub.py writes it")


if __name__ == "__main__":
    main()
