#!/usr/bin/env python3
"""Feeds small trees to sources.py and built_site.py: the good ones pass, each bad one fails by its own rule. Then docs/ itself."""
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import built_site  # noqa: E402
import sources  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOOD = {
    "README.md": "See [the page](docs/a.md#two-words) and [code](docs/picture.png).\n",
    "docs/picture.png": "",
    "docs/index.md": "# Top\n\n```{toctree}\n:hidden:\n\na\nsub/b\n```\n",
    "docs/a.md": "# A\n\n## Two words\n\n## `code`, [link](sub/b.md)!\n\n![p](picture.png) [x](#a) `[no](link.md)`\n\n    [no](link.md)\n",
    "docs/sub/b.md": "# B\n\n```python\nx[0](nowhere)\n```\n\n[a](../a.md#code-link) [web](https://example.org/x.md)\n",
}
BAD = {
    "page in no table": ({"docs/c.md": "# C\n"}, "docs/c.md: stands in no table of contents"),
    "table names nothing": ({"docs/sub/b.md": "# B\n\n```{toctree}\nd\n```\n"}, "docs/sub/b.md: the table of contents names 'd'"),
    "link to nothing": ({"docs/sub/b.md": "# B\n\n[a](a.md)\n"}, "docs/sub/b.md: link to 'a.md', which is not there"),
    "picture is missing": ({"docs/sub/b.md": "# B\n\n![a](../q.png)\n"}, "docs/sub/b.md: link to '../q.png'"),
    "no such heading": ({"docs/sub/b.md": "# B\n\n[a](../a.md#three)\n"}, "docs/sub/b.md: link to '../a.md#three', but"),
    "no such heading here": ({"docs/sub/b.md": "# B\n\n[a](#bb)\n"}, "docs/sub/b.md: link to '#bb', but"),
    "link of the readme": ({"README.md": "[x](docs/z.md)\n"}, "README.md: link to 'docs/z.md'"),
}


class Sources(unittest.TestCase):
    def found(self, files):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder).resolve()
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            return list(sources.failures(root))

    def test_a_good_tree_passes(self):
        self.assertEqual(self.found(GOOD), [])

    def test_each_rule_is_seen_to_fail(self):
        for name, (files, start) in BAD.items():
            with self.subTest(name):
                found = self.found(GOOD | files)
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith(start), found[0])

    def test_the_pages_of_this_repository(self):
        self.assertEqual(list(sources.failures(ROOT)), [])


PAGES = {
    "index.html": '<link rel="stylesheet" href="_static/a.css"><a href="a/b.html#here">x</a><a href="https://example.org">x</a><p id="swell.f">',
    "a/b.html": '<p id="here"><img src="../_static/p.png"><img src="data:image/png;base64,AA=="><a href="#here">x</a>',
    "_static/a.css": "p { background: url(p.png) }",
    "_static/p.png": "",
}
BAD_PAGES = {
    "script of a network": ({"a/b.html": '<p id="here"><script src="https://example.org/x.js"></script>'}, "a/b.html: fetches"),
    "style of a network": ({"a/b.html": '<p id="here"><link href="//example.org/x.css">'}, "a/b.html: fetches"),
    "font of a network": ({"_static/a.css": "@font-face { src: url(https://example.org/f.woff) }"}, "_static/a.css: fetches"),
    "picture is missing": ({"a/b.html": '<p id="here"><img src="q.png">'}, "a/b.html: q.png is not there"),
    "no such place": ({"a/b.html": '<p id="there">'}, "index.html: a/b.html#here has no such place"),
    "public name without its place": ({"index.html": '<a href="a/b.html">x</a>'}, "swell.f: is public"),
    "page was not built": ({"docs/c.md": "# C"}, "c.md: has no page"),
}


class BuiltSite(unittest.TestCase):
    def found(self, files):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder).resolve()
            for name, text in ({"docs/index.md": "# Top"} | files).items():
                place = root / name if name.startswith("docs/") else root / "site" / name
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(text)
            built_site.DOCS, built_site.public_names = root / "docs", lambda: ["swell.f"]
            return list(built_site.failures(root / "site"))

    def test_a_good_site_passes(self):
        self.assertEqual(self.found(PAGES), [])

    def test_each_rule_is_seen_to_fail(self):
        for name, (files, start) in BAD_PAGES.items():
            with self.subTest(name):
                found = self.found(PAGES | files)
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith(start), found[0])


if __name__ == "__main__":
    unittest.main()
