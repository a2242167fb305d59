"""The C++ reference, read from the headers that swell.h includes.

`{cpp-header} swell/model/builder.h` writes what the header declares: each type, member and function with the comment above it
or behind it. Sphinx parses every declaration, so that one it cannot read is a warning, and the build ends there.
"""
import pathlib
import re

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

SOURCE = pathlib.Path(__file__).resolve().parents[2] / "src"
CLOSING = {"{": "}", "(": ")", "[": "]"}


class Declared:
    def __init__(self, kind, signatures, text, members=()):
        self.kind, self.signatures, self.text, self.members = kind, signatures, text, list(members)


def match_end(text, at):
    """Where the bracket that opens at `at` is closed, past it. Comments and strings are passed over."""
    opening, depth = text[at], 0
    closing = CLOSING[opening]
    for found in re.finditer(r'//[^\n]*|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])+\'|[' + re.escape(opening + closing) + "]", text[at:]):
        if found[0] == opening:
            depth += 1
        elif found[0] == closing:
            depth -= 1
            if depth == 0:
                return at + found.end()
    raise ValueError(f"'{opening}' is not closed: {text[at:at + 60]!r}")


def split_top(text, mark=","):
    """Parts between marks that stand outside all brackets."""
    parts, depth, last = [], 0, 0
    for at, letter in enumerate(text):
        if letter in "([{<":
            depth += 1
        elif letter in ")]}>":
            depth -= 1
        elif letter == mark and depth == 0:
            parts.append(text[last:at])
            last = at + 1
    return [part.strip() for part in [*parts, text[last:]] if part.strip()]


class Reader:
    """The declarations of one header, in its order."""

    def __init__(self, text):
        self.text, self.at = text, 0

    def column(self, at):
        return at - (self.text.rfind("\n", 0, at) + 1)

    def comment(self):
        """Comment lines from here on, one below the other in one column, without their slashes."""
        lines, column = [], self.column(self.at)
        while self.text.startswith("//", self.at):
            end = self.text.index("\n", self.at)
            lines.append(self.text[self.at + 2:end])
            after = re.compile(r"\n[ ]*").match(self.text, end)
            if not self.text.startswith("//", after.end()) or after.end() - end - 1 != column:
                self.at = end
                break
            self.at = after.end()
        return lines

    def behind(self):
        """The comment behind what was just read, on its line."""
        space = re.compile(r"[ ]*").match(self.text, self.at)
        if not self.text.startswith("//", space.end()):
            return []
        self.at = space.end()
        return self.comment()

    def until(self, marks):
        """Text up to one of these marks outside brackets; comments between are left out and given back apart."""
        start, parts, comments = self.at, [], []
        while self.at < len(self.text) and self.text[self.at] not in marks:
            letter = self.text[self.at]
            if letter in CLOSING:
                self.at = match_end(self.text, self.at)
            elif self.text.startswith("//", self.at):
                parts.append(self.text[start:self.at])
                comments += self.comment()
                start = self.at
            else:
                self.at += 1
        parts.append(self.text[start:self.at])
        return " ".join("".join(parts).split()), comments

    def declarations(self, inside=None):
        found, above, visible = [], [], inside != "class"
        while self.at < len(self.text):
            space = re.compile(r"\s*").match(self.text, self.at)
            if "\n\n" in space[0] and above:
                found.append(Declared("text", [], above))
                above = []
            self.at = space.end()
            if self.at == len(self.text) or self.text[self.at] == "}":
                self.at += 1
                break
            if self.text.startswith("//", self.at):
                above = self.comment()
                continue
            if self.text[self.at] == "#":
                self.at = self.text.index("\n", self.at)
                above = []
                continue
            access = re.compile(r"(public|private|protected):").match(self.text, self.at)
            if access:
                visible, self.at = access[1] == "public", access.end()
                continue
            for declared in self.one(above, inside):
                if visible:
                    found.append(declared)
            above = []
        return found

    def one(self, above, inside):
        begin = self.at
        head, between = self.until(";{")
        scope = re.match(r"(namespace|struct|class|enum class|enum)\b\s*(.*)", head)
        # The body of a namespace or a type begins at the first brace, which until() has not passed.
        self.at = begin
        brace = re.compile(r"(?:template\s*<[^;{]*>\s*)?(namespace|struct|class|enum class|enum)\b([^;{=()]*)\{").match(self.text, begin)
        if brace and scope:
            self.at = brace.end()
            return self.scope(brace[1], " ".join(brace[2].split()), above)
        return self.statement(above, inside)

    def scope(self, kind, name, above):
        first = self.behind()
        if kind == "namespace":
            return [Declared("namespace", [name], above, self.declarations())]
        if kind.startswith("enum"):
            members = self.enumerators()
        else:
            members = self.declarations(kind)
        if self.text.startswith(";", self.at):
            self.at += 1
        return [Declared({"enum class": "enum-class"}.get(kind, kind), [name], above + first + self.behind(), members)]

    def enumerators(self):
        found, above = [], []
        while True:
            self.at = re.compile(r"\s*").match(self.text, self.at).end()
            if self.text[self.at] == "}":
                self.at += 1
                return found
            if self.text.startswith("//", self.at):
                above = self.comment()
                continue
            name, between = self.until(",}/")
            if self.text[self.at] == ",":
                self.at += 1
            text = above + between + self.behind()
            found.append(Declared("enumerator", [name], text))
            above = []

    def statement(self, above, inside):
        """One declaration that is no scope: up to its semicolon, or past the body of a function."""
        start, between = self.at, []
        parts = []
        while True:
            letter = self.text[self.at]
            if letter == ";":
                parts.append(self.text[start:self.at])
                self.at += 1
                break
            if letter == "{":
                before = "".join([*parts, self.text[start:self.at]])
                end = match_end(self.text, self.at)
                body = "(" in before and not re.search(r"=\s*$", before)
                if body:
                    parts.append(self.text[start:self.at])
                    self.at = end
                    break
                self.at = end
            elif letter in "([":
                self.at = match_end(self.text, self.at)
            elif self.text.startswith("//", self.at):
                parts.append(self.text[start:self.at])
                between += self.comment()
                start = self.at
            else:
                self.at += 1
        declaration = " ".join("".join(parts).split())
        text = above + between + [line for line in self.behind() if not line.strip().startswith("NOLINT")]
        return self.kinds(declaration, text, inside)

    def kinds(self, declaration, text, inside):
        if re.match(r"(class|struct) \w+$|using [\w:]+$|friend ", declaration) or declaration.startswith("virtual ~"):
            return []
        alias = re.match(r"using (\w+) = (.+)$", declaration)
        if alias:
            return [Declared("type", [declaration.removeprefix("using ")], text)]
        bare = declaration
        while bare != (bare := re.sub(r"<[^<>]*>", "", bare)):  # without template arguments
            pass
        if "operator" in declaration or re.match(r"[^=(]*\w\(", bare):
            return [Declared("function", [re.sub(r"(?<!:)\s*:\s*\w+\(.*$", "", declaration)], text)]
        first, *others = split_top(declaration)
        kind = re.match(r"(.*?)(\w+)(\s*=.*)?$", first)[1].strip()
        return [Declared("member" if inside else "var", [first, *(f"{kind} {other}" for other in others)], text)]


def escaped(text):
    """Text as it stands; what is in backquotes is code."""
    parts = re.split(r"(`[^`]+`)", text)
    return "".join(part if k % 2 else re.sub(r"([\\`*_\[\]<>&$|#{}~^])", r"\\\1", part) for k, part in enumerate(parts))


def paragraphs(lines):
    """Comment lines as Markdown: text as it stands, lines that are set in by three blanks or more as code."""
    out, code = [], []
    for line in [*(each.rstrip() for each in lines), None]:
        if line and re.match(r" {3,}", line):
            code.append(line)
            continue
        if code:
            least = min(len(each) - len(each.lstrip()) for each in code)
            out += ["", "~~~{code-block} cpp", *(each[least:] for each in code), "~~~", ""]
            code = []
        if line is not None:
            out.append(escaped(line.strip()))
    return out


def markdown(declared, depth):
    lines = []
    fence = ":" * (12 - depth)
    for each in declared:
        if each.kind == "text":
            lines += ["", *paragraphs(each.text), ""]
            continue
        if each.kind == "namespace":
            lines += ["", f"{fence}{{cpp:namespace-push}} {each.signatures[0]}", fence, *markdown(each.members, depth + 1), "",
                      f"{fence}{{cpp:namespace-pop}}", fence, ""]
            continue
        for signature in each.signatures[:-1]:  # of several names in one declaration the last has the text
            lines += ["", f"{fence}{{cpp:{each.kind}}} {signature}", fence, ""]
        lines += ["", f"{fence}{{cpp:{each.kind}}} {each.signatures[-1]}", "", *paragraphs(each.text),
                  *markdown(each.members, depth + 1), fence, ""]
    return lines


class CppHeader(SphinxDirective):
    required_arguments = 1

    def run(self):
        path = SOURCE / self.arguments[0]
        self.env.note_dependency(str(path))
        self.env.note_dependency(__file__)
        text = re.sub(r"^#pragma once\n", "", path.read_text())
        holder = nodes.container()
        declared = Reader(text).declarations()
        self.state.nested_parse("\n".join(markdown(declared, 0)).split("\n"), self.content_offset, holder)
        return holder.children


def headers():
    """What swell.h includes, by the path with which a program includes it."""
    return re.findall(r'#include "(swell/[\w/]+\.h)"', (SOURCE / "swell/swell.h").read_text())


def setup(app):
    app.add_directive("cpp-header", CppHeader)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
