#!/usr/bin/env python3
"""Breaks each formula of tests/mutants.toml in turn and demands that a test which it names fails.

    scripts/mutants.py [--only TEXT] [--jobs N] [--write]

Works on a copy of the sources under build/mutants, never on the checkout. All broken texts are built into one test program,
each behind its number (MUTANT=n puts number n in force, none the formulas as they are), so that a mutant costs a run of its
tests and no build. Exit code 1 when a mutant survives, when a text does not stand exactly once in its file, or when a named
test fails without any mutant. --only keeps the rows that contain TEXT; --write writes docs/mutants.md.
"""

import argparse
import concurrent.futures
import fnmatch
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = ROOT / "tests" / "mutants.toml"
PAGE = ROOT / "docs" / "mutants.md"
COPY = ROOT / "build" / "mutants"
PROGRAM = COPY / "build" / "release" / "tests" / "mutant_tests"
LIMIT_S = 600

HEADER = "#pragma once\nextern const int swell_mutant;\n"
SOURCE = """#include <cstdlib>
extern const int swell_mutant;  // a constant has internal linkage otherwise
const int swell_mutant = std::getenv("MUTANT") ? std::atoi(std::getenv("MUTANT")) : 0;
"""
# The portable kernels stand for all instruction sets (conformance tests hold them to the same bits), light optimisation is
# enough, and large headers are read once: all three keep the build short.
KERNELS = "set(CMAKE_SYSTEM_PROCESSOR portable)\n"
LIBRARY = """
target_compile_options(swell PRIVATE -O1 -w)
target_precompile_headers(swell PRIVATE <algorithm> <cmath> <fmt/format.h> <fmt/ranges.h> <functional> <map>
  <nlohmann/json.hpp> <string> <vector>)
"""
TESTS = """find_package(GTest REQUIRED)
find_package(OpenSSL REQUIRED)
add_executable(mutant_tests {files})
target_link_libraries(mutant_tests PRIVATE swell Eigen3::Eigen GIF::GIF OpenSSL::SSL GTest::gtest_main)
target_compile_options(mutant_tests PRIVATE -O1 -w)
target_precompile_headers(mutant_tests PRIVATE <gtest/gtest.h> <algorithm> <cmath> <fmt/format.h> <fmt/ranges.h>
  <functional> <map> <string> <vector>)
target_include_directories(mutant_tests PRIVATE ${{PROJECT_SOURCE_DIR}}/tests)
target_compile_definitions(mutant_tests PRIVATE SWELL_SOURCE_DIR="{root}" SWELL_PROGRAM="")
"""


def fail(message):
    sys.exit(f"mutants.py: {message}")


def read_table():
    """Rows as dictionaries, numbered from 1."""
    rows = []
    for entry in tomllib.loads(TABLE.read_text())["file"]:
        for what, old, new, *tests in entry["mutants"]:
            rows.append({"number": len(rows) + 1, "what": what, "path": entry["path"], "old": old, "new": new,
                         "tests": tests[0] if tests else entry["tests"]})
    return rows


def choice(text, rows):
    """The text with every row's alternative to it; statements end in a semicolon, all else is an expression."""
    if rows[0]["old"].endswith(";"):
        branches = [f"if (swell_mutant == {row['number']}) {{ {row['new']} }} else " for row in rows]
        return "{ " + "".join(branches) + "{ " + text + " } }"
    return "(" + "".join(f"swell_mutant == {row['number']} ? ({row['new']}) : " for row in rows) + f"({text}))"


def mutate(path, rows):
    """The source with all its alternatives; texts may stand inside one another."""
    source = (ROOT / path).read_text()
    spans = {}
    for row in rows:
        if source.count(row["old"]) != 1:
            fail(f"{path}: '{row['old']}' stands {source.count(row['old'])} times; exactly once is needed. "
                 f"Has the formula changed? Then change its row in tests/mutants.toml")
        spans.setdefault((source.index(row["old"]), row["old"]), []).append(row)

    def render(first, last, places):
        out, at = [], first
        while places:
            (start, old), here = places[0]
            end = start + len(old)
            inner = [place for place in places[1:] if place[0][0] < end]
            if any(begin + len(text) > end for (begin, text), _ in inner):
                fail(f"{path}: '{old}' overlaps another row's text; one must contain the other")
            out += [source[at:start], choice(render(start, end, inner), here)]
            places = places[1 + len(inner):]
            at = end
        return "".join(out) + source[at:last]

    order = sorted(spans.items(), key=lambda place: (place[0][0], -len(place[0][1])))
    return '#include "swell/base/mutant.h"\n' + render(0, len(source), order)


def test_files(rows):
    """The files that hold the named tests."""
    suites = {re.sub(r"^\*|.*/", "", part).split(".")[0] for row in rows for part in row["tests"].split(":")}
    files, found = [], set()
    for path in sorted([*ROOT.glob("src/**/*.test.cc"), *ROOT.glob("tests/*/*.cc")]):
        text = path.read_text()
        here = {name for name in re.findall(r"^TEST(?:_[FP])?\((\w+),", text, re.M)}
        tests = set(re.findall(r"^TEST(?:_[FP])?\(\w+, (\w+)\)", text, re.M))
        wanted = {suite for suite in suites if any(fnmatch.fnmatchcase(name, suite) for name in here | tests)}
        if wanted:
            files.append(path)
            found |= wanted
    if suites - found:
        fail(f"no test file holds {', '.join(sorted(suites - found))}")
    return files


def put(path, text):
    """Writes only what changed, so that a build after a change is short."""
    data = text.encode() if isinstance(text, str) else text
    if not path.is_file() or path.read_bytes() != data:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def lay_out(rows):
    wanted = {}
    for folder in ("src", "tests", "scripts", "data", "designs"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file():
                wanted[path.relative_to(ROOT)] = path.read_bytes()
    for name in ("CMakeLists.txt", "CMakePresets.json"):
        wanted[pathlib.Path(name)] = (ROOT / name).read_text()
    wanted[pathlib.Path("bench/CMakeLists.txt")] = ""
    wanted[pathlib.Path("examples/CMakeLists.txt")] = ""
    wanted[pathlib.Path("src/swell/CMakeLists.txt")] += LIBRARY.encode()
    wanted[pathlib.Path("src/swell/kernels.cmake")] = KERNELS.encode() + wanted[pathlib.Path("src/swell/kernels.cmake")]
    wanted[pathlib.Path("src/swell/base/mutant.h")] = HEADER
    wanted[pathlib.Path("src/swell/base/mutant.cc")] = SOURCE
    for path in {row["path"] for row in rows}:
        wanted[pathlib.Path(path)] = mutate(path, [row for row in rows if row["path"] == path])
    files = " ".join(str(COPY / path.relative_to(ROOT)) for path in test_files(rows))
    wanted[pathlib.Path("tests/CMakeLists.txt")] = TESTS.format(files=files, root=ROOT)
    for path in sorted(COPY.glob("**/*"), reverse=True):
        inside = path.relative_to(COPY)
        if inside.parts[0] != "build" and path.is_file() and inside not in wanted:
            path.unlink()
    for path, text in wanted.items():
        put(COPY / path, text)


def build(jobs):
    for command in (["cmake", "--preset", "release"], ["cmake", "--build", "--preset", "release", "--target", "mutant_tests",
                                                       "-j", str(jobs)]):
        done = subprocess.run(command, cwd=COPY, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            fail("the copy does not build:\n" + done.stdout[-6000:])


def run_tests(number, tests, limit_s=LIMIT_S, **settings):
    """The first test that fails with this mutant in force, or the reason why there is no answer; None where all pass."""
    environment = {**os.environ, "MUTANT": str(number), "GTEST_FAIL_FAST": "1", **settings}
    try:
        done = subprocess.run([PROGRAM, f"--gtest_filter={tests}"], env=environment, text=True, errors="replace",
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit_s)
    except subprocess.TimeoutExpired:
        return f"(no end within {limit_s} s)"
    failed = re.search(r"^\[  FAILED  \] ([\w./]+)", done.stdout, re.M)
    if failed:
        return plain_name(failed[1])
    return f"(ended by signal {-done.returncode})" if done.returncode < 0 else None


def check_tests(filters, jobs):
    """Each filter names tests, and all of them pass without any mutant."""
    for tests in filters:
        listed = subprocess.run([PROGRAM, f"--gtest_filter={tests}", "--gtest_list_tests"], text=True, stdout=subprocess.PIPE)
        if not re.search(r"^  \w", listed.stdout, re.M):
            fail(f"{tests}: no such test")
    # What follows a minus is left out, so that such filters stay by themselves.
    apart = [":".join(tests for tests in filters if "-" not in tests), *(tests for tests in filters if "-" in tests)]
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        parts = [pool.submit(run_tests, 0, tests, None, GTEST_TOTAL_SHARDS=str(jobs), GTEST_SHARD_INDEX=str(k))
                 for tests in apart for k in range(jobs)]
    for failed in filter(None, (part.result() for part in parts)):
        fail(f"{failed} fails without any mutant")


def plain_name(test):
    """all/engine_sizes.cpu_agrees/2 -> engine_sizes.cpu_agrees"""
    return re.sub(r"^\w+/|/\w+$", "", test)


def write_page(rows, caught):
    lines = ["# Broken formulas and the tests that catch them", "",
             "Printed by `make mutants`, which breaks each formula in a copy of the sources and demands that a test fails.",
             f"{len(rows)} formulas broken, {sum(1 for row in rows if not caught[row['number']])} survive.", ""]
    for path in dict.fromkeys(row["path"] for row in rows):
        lines += [f"## {path.removeprefix('src/swell/')}", "", "| broken | caught by |", "| --- | --- |"]
        for row in (row for row in rows if row["path"] == path):
            lines.append(f"| {row['what']} | {caught[row['number']] or '**survives**'} |")
        lines.append("")
    PAGE.write_text("\n".join(lines).rstrip() + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", help="rows that contain this text")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="programs at once")
    parser.add_argument("--write", action="store_true", help="write docs/mutants.md")
    arguments = parser.parse_args()
    if arguments.write and arguments.only:
        fail("--write needs every row; leave --only out")
    rows, start = read_table(), time.monotonic()
    lay_out(rows)
    build(arguments.jobs)
    print(f"{len(rows)} broken formulas built in {time.monotonic() - start:.0f} s", flush=True)
    rows = [row for row in rows if any(arguments.only in str(row[key]) for key in ("what", "path", "tests"))]
    check_tests(list(dict.fromkeys(row["tests"] for row in rows)), arguments.jobs)
    print(f"all tests pass without a mutant, {time.monotonic() - start:.0f} s", flush=True)
    caught = {}
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for row, failed in zip(rows, pool.map(lambda row: run_tests(row["number"], row["tests"]), rows)):
            caught[row["number"]] = failed
            verdict = f"caught by {failed}" if failed else f"SURVIVES {row['tests']}"
            print(f"{row['number']:4} {row['path']}: {row['what']}: {verdict}", flush=True)
    survivors = [row for row in rows if not caught[row["number"]]]
    print(f"{len(rows)} mutants, {len(survivors)} survive, {time.monotonic() - start:.0f} s")
    if arguments.write:
        write_page(rows, caught)
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
