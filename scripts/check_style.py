#!/usr/bin/env python3
"""Checks the house rules that a machine can check. One line per failure: `file:line: what, value, allowed`.

usage: check_style.py [ROOT]     (ROOT: this repository)

Exit code 1 on any failure. tests/install/check_style_test.py sees each rule fail.
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

# A folder of src/swell includes only itself and the folders before it.
FOLDERS = ["base", "random", "io", "model", "entropy", "physics", "kernels", "engine", "hardware", "ledger", "report", "learn", "programs", "cmd"]
ENGINE_INTERNALS = ("engine/cpu/", "engine/reference/")

FILE_LINES = 600
FUNCTION_LINES = 100
CMAKE_LINES = 150

CXX = {".h", ".cc", ".cu"}
TEXT = CXX | {".cmake", ".css", ".html", ".js", ".json", ".md", ".py", ".sh", ".toml", ".txt", ".yml", ".yaml", ".cff"}
TEXT_NAMES = {"Makefile", "LICENSE", "run", ".clang-format", ".gitignore"}

# what -> (pattern, whether it reads include lines and code or code only, where it may stand).
# Places are prefixes below src/swell; ".test." exempts the tests, and tests/ and bench/ are exempt unless STRICT.
ISOLATED = {
    "instruction-set code": (
        r"\b__(?:AVX|SSE|AMX|FMA__|F16C__|ARM_NEON|x86_64__|aarch64__)\w*|\b_mm\d*_\w+|\b__m(?:128|256|512)\w*|\b_tile_\w+"
        r"|\b\w*intrin\.h\b|\b__builtin_cpu_\w+|\bgnu::target|\b__attribute__\s*\(\(\s*target|#\s*pragma\s+GCC\s+target",
        ["kernels/", "engine/cpu/", "random/", "base/cpu", ".test."]),
    "environment": (r"\b(?:secure_)?getenv\b|\benviron\b", ["cmd/", ".test."]),
    "argv": (r"\bargv\b", ["cmd/", ".test."]),
    "printing": (
        r"\bstd::(?:cout|cerr|clog)\b|\bv?printf\s*\(|\bfprintf\s*\(\s*std(?:out|err)\b|\bfmt::print\w*|\bputs\s*\(",
        ["cmd/", ".test.", ".perf."]),
    "exit": (r"\bstd::_?(?:quick_)?exit\b|(?<![\w.>:])_?exit\s*\(", ["cmd/", ".test."]),
    "CLI11": (r"<CLI/|\bCLI::", ["cmd/"]),
    "Eigen": (r"<Eigen/|\bEigen::", ["physics/", "engine/linear/", "learn/", "programs/linear/", "programs/judge/", "hardware/", ".test.", ".perf."]),
    "MPI": (r"\bMPI_\w+|<mpi\.h>", ["engine/mpi/"]),
    "CUDA": (r"\bcuda[A-Z]\w*|\b__(?:global|device|shared)__\b|<cu(?:da|blas|rand)\w*(?:\.h|/)", ["engine/cuda/"]),
    "Python binding": (r"<(?:pybind11|nanobind)/|\b(?:pybind11|nanobind)::", []),
}
STRICT = {"MPI", "CUDA", "Python binding"}

TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/'                                          # comments
    r'|(?:u8|u|U|L)?R"(?P<d>[^()\\\s]{0,16})\(.*?\)(?P=d)"'        # raw strings
    r'|(?:u8|u|U|L)?"(?:\\.|[^"\\\n])*"'                           # strings
    r"|(?:u8|u|U|L)?'(?:\\.|[^'\\\n])+'"                           # characters
    r"|[A-Za-z_]\w*|\.?\d(?:'?[\w.])*", re.S)                      # words and numbers, kept
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SCOPE = re.compile(r"^(?:\[\[[^\]]*\]\]\s*)*(?:inline\s+|export\s+|typedef\s+)*(?:namespace|extern|class|struct|union|enum)\b")
MACHINE_PATH = re.compile(r"(?<![\w.)}~$/<-])/(?:work|root|home)(?:/|\b(?![.\w]))")


class Report:
    def __init__(self):
        self.lines = []

    def add(self, path, line, what, value, allowed):
        self.lines.append((path, line, f"{path}:{line}: {what}, {value}, allowed: {allowed}"))


def list_files(root):
    """Every file that git tracks or would track; in a folder without git, every file."""
    git = subprocess.run(["git", "-C", str(root), "ls-files", "-co", "--exclude-standard", "-z"], capture_output=True)
    if git.returncode == 0 and (root / ".git").exists():
        names = sorted({name for name in git.stdout.decode().split("\0") if name})
    else:
        names = sorted(str(path.relative_to(root)) for path in root.rglob("*"))
    return [name for name in names if (root / name).is_file()]


def without_comments(text):
    """The text with comments, strings and characters blanked; lines keep their numbers, includes their names."""
    def blank(match):
        token = match.group(0)
        if token[0].isalnum() and token[-1] not in "\"'" or token[0] in "._":
            return token
        return re.sub(r"[^\n]", " ", token)
    lines = TOKEN.sub(blank, text).split("\n")
    for i, line in enumerate(text.split("\n")):
        if INCLUDE.match(line) and re.match(r"\s*#\s*include", lines[i]):
            lines[i] = line
    return "\n".join(lines)


def without_preprocessor(code):
    """Blanks directives and every branch but the first of an #if, so that braces balance."""
    out, other_branch, continued = [], [], False
    for line in code.split("\n"):
        directive = re.match(r"\s*#\s*(\w+)", line) if not continued else None
        is_directive = continued or directive is not None
        if directive:
            word = directive.group(1)
            if word.startswith("if"):
                other_branch.append(False)
            elif word.startswith("el") and other_branch:
                other_branch[-1] = True
            elif word == "endif" and other_branch:
                other_branch.pop()
        continued = is_directive and line.endswith("\\")
        out.append("" if is_directive or any(other_branch) else line)
    return "\n".join(out)


def functions(code):
    """Yields (first line, number of lines, name) of each function outside other functions."""
    code = without_preprocessor(code)
    scopes = 0      # open namespaces and classes
    depth = 0       # open braces inside a function or an initialiser
    start = 0       # where the declaration in front of the current brace begins
    for match in re.finditer(r"[{};]|\b(?:public|private|protected)\s*:(?!:)", code):
        at, mark = match.start(), match.group(0)
        if depth:
            depth += (mark == "{") - (mark == "}")
            # After `: member{value}` the declaration goes on with `, member{...}` or its body.
            if depth == 0 and not re.match(r"\s*[,{)]", code[at + 1:at + 200]):
                head = code[start:at].lstrip()
                first = code.count("\n", 0, at - len(head)) + 1
                name = re.search(r"([~\w:]+|operator\s*\S+?)\s*\(", head)
                if name:
                    yield first, code.count("\n", 0, at) + 2 - first, name.group(1)
                start = at + 1
        elif mark == "{":
            head = re.sub(r"^\s*template\s*<.*?>(?=\s*(?:requires|class|struct|union))", "", code[start:at], flags=re.S)
            if SCOPE.match(head.strip()) and not re.search(r"\w\s*\([^()]*\)\s*(?:const|noexcept|\s)*$",
                                                          re.sub(r"alignas\s*\([^()]*\)", "", head)):
                scopes += 1
                start = at + 1
            else:
                depth = 1
        elif mark == "}":
            scopes = max(0, scopes - 1)
            start = at + 1
        else:
            start = match.end()


def check_format(root, names, report):
    names = [name for name in names if name.startswith(("src/", "tests/", "bench/"))]
    if not names:
        return
    workers = os.cpu_count() or 1

    def run(part):
        return subprocess.run(["clang-format", "--dry-run", "-Werror", *part], cwd=root, capture_output=True, text=True).stderr

    try:
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            output = "".join(pool.map(run, filter(None, (names[i::workers] for i in range(workers)))))
    except FileNotFoundError:
        report.add(".clang-format", 1, "clang-format", "not installed", "scripts/setup.sh --style")
        return
    found = {}
    for match in re.finditer(r"^(.+?):(\d+):\d+: error: .*clang-format-violations", output, re.M):
        found.setdefault(match.group(1), []).append(int(match.group(2)))
    for name, lines in found.items():
        report.add(name, lines[0], "clang-format", f"{len(lines)} places", "0 (make format)")


def resolve(name, included, sources):
    """The repository path of an include in quotes, or None for a generated or foreign header."""
    for candidate in (f"src/{included}", os.path.normpath(os.path.join(os.path.dirname(name), included))):
        if candidate in sources:
            return candidate
    return f"src/{included}" if included.startswith("swell/") and included.count("/") > 1 else None


def check_folder_order(sources, report):
    edges = {}
    for name, (text, code) in sources.items():
        edges[name] = []
        for number, line in enumerate(code.split("\n"), 1):
            match = INCLUDE.match(line)
            target = resolve(name, match.group(2), sources) if match and match.group(1) == '"' else None
            if not target:
                continue
            edges[name].append((target, number))
            if name.startswith("src/swell/") and target.startswith("src/swell/"):
                check_edge(name, number, name[len("src/swell/"):], target[len("src/swell/"):], report)
    for cycle, number in cycles(edges):
        report.add(cycle[0], number, "include cycle", " -> ".join(cycle), "none")
    check_rooms(edges, report)


def check_rooms(edges, report):
    """Rooms are the folders within a folder, as engine/cpu/ and engine/pbits/: no two may include each other."""
    rooms, places = {}, {}
    for name, targets in edges.items():
        here = room(name)
        for target, number in targets:
            there = room(target)
            if here and there and here != there:
                rooms.setdefault(here, [])
                rooms.setdefault(there, [])
                if (here, there) not in places:
                    rooms[here].append((there, number))
                    places[here, there] = name
    for cycle, number in cycles(rooms):
        report.add(places[cycle[0], cycle[1]], number, "include cycle of folders", " -> ".join(cycle), "none")


def room(name):
    parts = name.split("/")
    return "/".join(parts[2:4]) if name.startswith("src/swell/") and len(parts) > 4 and ".test." not in name else None


def check_edge(name, number, source, target, report):
    here, there = source.split("/")[0], target.split("/")[0]
    if here not in FOLDERS or there not in FOLDERS:
        return
    if FOLDERS.index(there) > FOLDERS.index(here):
        above = ", ".join(FOLDERS[:FOLDERS.index(here) + 1])
        report.add(name, number, f"include from {here}/", target, above)
    if target.startswith(ENGINE_INTERNALS) and here != "engine" and ".test." not in source:
        report.add(name, number, "include of an engine's internals", target, "engine/*.h")
    if here == there == "programs":
        own, other = source.split("/")[1:-1], target.split("/")[1:-1]
        if other and own[:1] != other[:1]:
            report.add(name, number, "include of another program", target, "its own folder of programs/")


def cycles(edges):
    """Yields (files of the cycle, line of its first include), each cycle once."""
    state = {}
    for root in edges:
        stack = [(root, iter(edges[root]))] if root not in state else []
        state.setdefault(root, "open")
        while stack:
            node, targets = stack[-1]
            target, number = next(targets, (None, 0))
            if target is None:
                state[node] = "done"
                stack.pop()
            elif state.get(target) == "open":
                path = [entry for entry, _ in stack]
                cycle = path[path.index(target):] + [target]
                yield cycle, next(line for to, line in edges[cycle[0]] if to == cycle[1])
            elif target not in state and target in edges:
                state[target] = "open"
                stack.append((target, iter(edges[target])))


def check_isolation(sources, report):
    for name, (text, code) in sources.items():
        inside = name[len("src/swell/"):] if name.startswith("src/swell/") else None
        for what, (pattern, places) in ISOLATED.items():
            if inside is None and (what not in STRICT or name.startswith("python/")):
                continue
            if inside and any(place in inside if place[0] == "." else inside.startswith(place) for place in places):
                continue
            for match in re.finditer(pattern, code):
                line = code.count("\n", 0, match.start()) + 1
                where = ", ".join(place for place in places if place[0] != ".") or "python/"
                report.add(name, line, what, match.group(0).strip(), where)


def check_caps(sources, root, names, report):
    for name, (text, code) in sources.items():
        count = len(text.splitlines())
        if count > FILE_LINES:
            report.add(name, FILE_LINES + 1, "lines of the file", count, FILE_LINES)
        for first, lines, function in functions(code):
            if lines > FUNCTION_LINES:
                report.add(name, first, f"lines of {function}()", lines, FUNCTION_LINES)
        if name.endswith(".h") and not re.search(r"^#pragma once$", code, re.M):
            report.add(name, 1, "include guard", "none", "#pragma once")
        if name.startswith("src/swell/"):
            check_place(name, sources, report)
    if "CMakeLists.txt" in names:
        count = len((root / "CMakeLists.txt").read_text().splitlines())
        if count >= CMAKE_LINES:
            report.add("CMakeLists.txt", CMAKE_LINES, "lines of the file", count, CMAKE_LINES - 1)


def check_place(name, sources, report):
    folder = name.split("/")[2]
    if folder in ("swell.h", "core"):  # the public face of all folders; what stands for files where there are none
        return
    if folder not in FOLDERS:
        report.add(name, 1, "folder of src/swell", folder, ", ".join(FOLDERS))
    alone = folder == "cmd" or re.search(r"\.(?:kernel|test|perf)\.cc$", name)
    if name.endswith(".cc") and not alone and name[:-3] + ".h" not in sources:
        report.add(name, 1, "source without its header", "none", os.path.basename(name)[:-3] + ".h")


def check_order_told(root, report):
    """CONTRIBUTING.md, where it tells the order of the folders, tells this one."""
    page = root / "CONTRIBUTING.md"
    lines = page.read_text().splitlines() if page.exists() else []
    for number, line in enumerate(lines, 1):
        words = line.split()
        if words[:2] == FOLDERS[:2] and words != FOLDERS:
            report.add("CONTRIBUTING.md", number, "folder order", " ".join(words), " ".join(FOLDERS))


def check_main_path(root, report):
    readme = root / "README.md"
    text = readme.read_text() if readme.exists() else ""
    match = re.search(r"<!-- main path -->(.*?)<!-- /main path -->", text, re.S)
    if not match:
        report.add("README.md", 1, "main path", "no markers", "<!-- main path --> ... <!-- /main path -->")
        return
    line = text.count("\n", 0, match.start()) + 1
    paths = re.findall(r"(?<![\w/.:-])(?:[\w.-]+/)+[\w.-]*", match.group(1))
    for path in paths:
        if not (root / path).exists() and not (root / "src/swell" / path).exists():
            report.add("README.md", line, "main path", path, "paths that exist")
    if not paths:
        report.add("README.md", line, "main path", "no path", "at least one")


def check_text(root, names, report):
    for name in names:
        path = pathlib.PurePosixPath(name)
        if path.suffix not in TEXT and path.name not in TEXT_NAMES:
            continue
        text = (root / name).read_bytes().decode(errors="replace")
        for number, line in enumerate(text.split("\n"), 1):
            if line != line.rstrip():
                report.add(name, number, "trailing whitespace", f"{len(line) - len(line.rstrip())} characters", "0")
            if "\t" in line and path.suffix in CXX:
                report.add(name, number, "tab", "1", "0 (spaces)")
            match = MACHINE_PATH.search(line)
            if match:
                report.add(name, number, "absolute path of a machine", match.group(0), "relative paths")


def check(root):
    """Every failure in the tree at `root`, as lines sorted by file and line; and the number of C++ files."""
    root = pathlib.Path(root).resolve()
    report = Report()
    names = list_files(root)
    sources = {}
    for name in names:
        if name.startswith(("src/", "tests/", "bench/", "python/", "examples/")) and os.path.splitext(name)[1] in CXX:
            text = (root / name).read_text(errors="replace")
            sources[name] = (text, without_comments(text))
    check_format(root, sources, report)
    check_folder_order(sources, report)
    check_isolation(sources, report)
    check_caps(sources, root, names, report)
    check_order_told(root, report)
    check_main_path(root, report)
    check_text(root, names, report)
    return [line for _, _, line in sorted(report.lines)], len(sources)


def main(arguments):
    lines, count = check(arguments[0] if arguments else pathlib.Path(__file__).resolve().parent.parent)
    for line in lines:
        print(line)
    print(f"style: {count} C++ files, {len(lines)} failures")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
