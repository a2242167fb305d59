#!/usr/bin/env python3
"""Feeds small trees to sources.py: the good one passes, and each bad one fails by its own rule alone. Then docs/ itself."""
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
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


if __name__ == "__main__":
    unittest.main()
