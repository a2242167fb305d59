#!/usr/bin/env python3
"""Checks the built site: it needs no network; every link and picture is there, every page of docs/, and every
public name of the Python package, which has to be importable.

usage: built_site.py FOLDER     (where `make docs` wrote it)
"""
import inspect
import pathlib
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
# What a browser fetches by itself, as against links that a reader may follow.
FETCHED = {("img", "src"), ("script", "src"), ("iframe", "src"), ("source", "src"), ("video", "src"), ("object", "data")}


class Page(HTMLParser):
    def __init__(self, path):
        super().__init__()
        self.links, self.names, self.fetched = [], set(), []
        self.feed(path.read_text())

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.names.update(given[key] for key in ("id", "name") if given.get(key))
        for key, value in attributes:
            if (tag, key) in FETCHED or (tag == "link" and key == "href"):
                self.fetched.append(value or "")
            elif tag == "a" and key == "href":
                self.links.append(value or "")


def public_names():
    import swell

    for module in (swell, swell.entropy, swell.learn, swell.linalg, swell.plot, swell.route):
        for name in module.__all__:
            if name != "__version__" and not inspect.ismodule(getattr(module, name)):
                yield f"{module.__name__}.{name}"


def failures(site):
    pages = {path.resolve(): Page(path) for path in sorted(site.rglob("*.html"))}
    for path, page in pages.items():
        here = path.relative_to(site.resolve())
        for address in page.fetched + page.links:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                if address in page.fetched and parts.scheme != "data":
                    yield f"{here}: fetches {address} from a network"
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists():
                yield f"{here}: {address} is not there"
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].names:
                yield f"{here}: {address} has no such place"
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(errors="replace")
        if "@import" in text or "url(http" in text or "url(//" in text:
            yield f"{sheet.relative_to(site)}: fetches from a network"
    names = set().union(*(page.names for page in pages.values()))
    for name in public_names():
        if name not in names:
            yield f"{name}: is public in Python and stands on no page of docs/api"
    for source in DOCS.rglob("*.md"):
        if not (site / source.relative_to(DOCS)).with_suffix(".html").exists():
            yield f"{source.relative_to(DOCS)}: has no page"


def main(arguments):
    site = pathlib.Path(arguments[0])
    found = list(failures(site))
    for line in found:
        print(line)
    print(f"site: {sum(1 for _ in site.rglob('*.html'))} pages, {len(found)} failures")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
