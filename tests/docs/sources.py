#!/usr/bin/env python3
"""Checks docs/ without building it: every page stands in a table of contents, every link, anchor and picture is there.

usage: sources.py [ROOT]     (ROOT: this repository)
"""
import pathlib
import re
import sys

FENCE = re.compile(r"^[ ]*(`{3,}|:{3,}|~{3,})(.*)$")
LINK = re.compile(r"!?\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")


def split(text):
    """The text outside fences of code, and the bodies of the tables of contents."""
    outside, tables, open_fence, body, kind = [], [], None, [], ""
    for line in text.split("\n"):
        fence = FENCE.match(line)
        if open_fence is None and fence and not fence[1].startswith(":"):
            open_fence, kind, body = fence[1], fence[2].strip(), []
        elif open_fence and fence and fence[1][:len(open_fence)] == open_fence and not fence[2].strip():
            if kind.startswith("{toctree}"):
                tables.append(body)
            open_fence = None
        elif open_fence:
            body.append(line)
        elif not line.startswith("    "):
            outside.append(line)
    return "\n".join(outside), tables


def anchors(text):
    """The names of the headings, as GitHub and MyST make them."""
    names, seen = set(), {}
    for line in re.findall(r"^#{1,6}\s+(.*?)\s*#*$", split(text)[0], re.M):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", line).replace("`", "").replace("*", "")
        name = re.sub(r"[^\w\- ]", "", plain.lower()).strip().replace(" ", "-")
        count = seen[name] = seen.get(name, -1) + 1
        names.add(f"{name}-{count}" if count else name)
    return names


def failures(root):
    docs = root / "docs"
    pages = {path: path.read_text() for path in sorted(docs.rglob("*.md"))}
    listed = {docs / "index.md"}
    for path, text in pages.items():
        for body in split(text)[1]:
            for entry in body:
                if not entry.strip() or entry.startswith(":"):
                    continue
                named = re.sub(r"^.*<(.*)>$", r"\1", entry.strip())
                target = (path.parent / f"{named}.md").resolve()
                if target not in pages:
                    yield f"{path.relative_to(root)}: the table of contents names '{named}', which is not there"
                listed.add(target)
    for path in pages:
        if path not in listed:
            yield f"{path.relative_to(root)}: stands in no table of contents"
    others = [root / name for name in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md") if (root / name).exists()]
    for path in [*pages, *others]:
        text = path.read_text()
        for target in LINK.findall(re.sub(r"`[^`\n]*`", "", split(text)[0])):
            if re.match(r"[a-z]+:", target):
                continue
            file, _, anchor = target.partition("#")
            where = (path.parent / file).resolve() if file else path
            if path.name == "CHANGELOG.md":  # the site has it in docs/, where the link leads nowhere
                yield f"{path.relative_to(root)}: link to '{target}'; the site takes no links from here, so name the page"
            if not where.exists():
                yield f"{path.relative_to(root)}: link to '{target}', which is not there"
            elif anchor and where.suffix == ".md" and anchor not in anchors(where.read_text()):
                yield f"{path.relative_to(root)}: link to '{target}', but that page has no such heading"


def main(arguments):
    root = pathlib.Path(arguments[0] if arguments else pathlib.Path(__file__).resolve().parents[2]).resolve()
    found = list(failures(root))
    for line in found:
        print(line)
    print(f"docs: {len(list((root / 'docs').rglob('*.md')))} pages, {len(found)} failures")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
