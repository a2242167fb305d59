#!/usr/bin/env python3
"""Feeds small trees to scripts/check_style.py: the good one passes, and each bad one fails by its own rule alone."""
import pathlib
import shutil
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "scripts"))
import check_style  # noqa: E402

HEADER = "#pragma once\n"
GOOD = {
    ".clang-format": (ROOT / ".clang-format").read_text(),
    "CMakeLists.txt": "project(good)\n",
    "README.md": "<!-- main path -->`cmd/main.cc` -> [run](src/swell/engine/run.h)<!-- /main path -->\n",
    "src/swell/base/names.h": HEADER + "\nint digits();  // argv, getenv(\"x\"), printf(\n",
    "src/swell/base/names.cc": '#include "swell/base/names.h"\n\nint digits() { return 1\'000; }\n'
                               'const char* text() { return "std::cout"; }\n',
    "src/swell/engine/run.h": HEADER + '\n#include "swell/base/names.h"\n',
    "src/swell/cmd/main.cc": '#include "swell/engine/run.h"\n\nint main(int, char** argv) { return argv[0] == nullptr; }\n',
}


def function(lines, opening="void f() {"):
    return opening + "\n" + "  ;\n" * (lines - 2) + "}\n"


# name -> (files laid over the good tree, the failure's start, what it contains)
BAD = {
    "format": ({"src/swell/base/a.h": HEADER + "int  f( );\n"}, "src/swell/base/a.h:2: clang-format", ""),
    "upward include": ({"src/swell/base/a.h": HEADER + '\n#include "swell/engine/run.h"\n'},
                       "src/swell/base/a.h:3: include from base/", "engine/run.h"),
    "upward relative include": ({"src/swell/base/a.h": HEADER + '\n#include "../engine/run.h"\n'},
                                "src/swell/base/a.h:3: include from base/", "engine/run.h"),
    "engine internals": ({"src/swell/engine/cpu/step.h": HEADER,
                          "src/swell/cmd/a.cc": '#include "swell/engine/cpu/step.h"\n'},
                         "src/swell/cmd/a.cc:1: include of an engine's internals", "engine/cpu/step.h"),
    "another program": ({"src/swell/programs/ising/a.h": HEADER,
                         "src/swell/programs/route/b.h": HEADER + '\n#include "swell/programs/ising/a.h"\n'},
                        "src/swell/programs/route/b.h:3: include of another program", "programs/ising/a.h"),
    "cycle": ({"src/swell/io/a.h": HEADER + '\n#include "swell/io/b.h"\n',
               "src/swell/io/b.h": HEADER + '\n#include "swell/io/a.h"\n'},
              "src/swell/io/a.h:3: include cycle", "src/swell/io/b.h -> src/swell/io/a.h"),
    "cycle of folders": ({"src/swell/engine/cpu/a.h": HEADER + '\n#include "swell/engine/linear/c.h"\n',
                          "src/swell/engine/cpu/b.h": HEADER,
                          "src/swell/engine/linear/c.h": HEADER,
                          "src/swell/engine/linear/d.h": HEADER + '\n#include "swell/engine/cpu/b.h"\n'},
                         "src/swell/engine/cpu/a.h:3: include cycle of folders", "engine/cpu -> engine/linear -> engine/cpu"),
    "another folder order": ({"CONTRIBUTING.md": "    base  random  model  io\n"}, "CONTRIBUTING.md:1: folder order", "base random model io"),
    "unknown folder": ({"src/swell/utils/a.h": HEADER}, "src/swell/utils/a.h:1: folder of src/swell", "utils"),
    "AVX macro": ({"src/swell/physics/a.h": HEADER + "\n#ifdef __AVX2__\n#endif\n"},
                  "src/swell/physics/a.h:3: instruction-set code", "__AVX2__"),
    "intrinsics": ({"src/swell/io/a.h": HEADER + "\n#include <immintrin.h>\n"},
                   "src/swell/io/a.h:3: instruction-set code", "immintrin.h"),
    "target attribute": ({"src/swell/io/a.h": HEADER + '\n[[gnu::target("avx2")]] void f();\n'},
                         "src/swell/io/a.h:3: instruction-set code", "gnu::target"),
    "getenv": ({"src/swell/io/a.h": HEADER + '\ninline auto x = std::getenv("X");\n'},
               "src/swell/io/a.h:3: environment", "getenv"),
    "argv": ({"src/swell/io/a.h": HEADER + "\nvoid f(char** argv);\n"}, "src/swell/io/a.h:3: argv", ""),
    "cout": ({"src/swell/io/a.h": HEADER + "\ninline void f() { std::cout << 1; }\n"},
             "src/swell/io/a.h:3: printing", "std::cout"),
    "printf": ({"src/swell/io/a.h": HEADER + '\ninline void f() { printf("x"); }\n'},
               "src/swell/io/a.h:3: printing", "printf("),
    "fmt::print": ({"src/swell/io/a.h": HEADER + '\ninline void f() { fmt::print("x"); }\n'},
                   "src/swell/io/a.h:3: printing", "fmt::print"),
    "exit": ({"src/swell/io/a.h": HEADER + "\ninline void f() { std::exit(1); }\n"},
             "src/swell/io/a.h:3: exit", ""),
    "CLI11": ({"src/swell/io/a.h": HEADER + "\n#include <CLI/CLI.hpp>\n"}, "src/swell/io/a.h:3: CLI11", ""),
    "Eigen": ({"src/swell/io/a.h": HEADER + "\n#include <Eigen/Core>\n"}, "src/swell/io/a.h:3: Eigen", ""),
    "MPI": ({"tests/a.cc": "int x = MPI_SUM;\n"}, "tests/a.cc:1: MPI", "engine/mpi/"),
    "CUDA": ({"bench/a.cc": "void f() { cudaMalloc(); }\n"}, "bench/a.cc:1: CUDA", "engine/cuda/"),
    "binding": ({"src/swell/io/a.h": HEADER + "\n#include <nanobind/nanobind.h>\n"},
                "src/swell/io/a.h:3: Python binding", "python/"),
    "long file": ({"tests/a.cc": "// x\n" * 601}, "tests/a.cc:601: lines of the file, 601", "600"),
    "long function": ({"tests/a.cc": "int a;\n" + function(101)}, "tests/a.cc:2: lines of f(), 101", "100"),
    "long test": ({"tests/a.cc": function(101, "TEST(a, claim) {")}, "tests/a.cc:1: lines of TEST(), 101", ""),
    "long method": ({"tests/a.cc": "struct A {\n  A() : x{1} {\n" + "    ;\n" * 99 + "  }\n  int x;\n};\n"},
                    "tests/a.cc:2: lines of A(), 101", ""),
    "long CMakeLists": ({"CMakeLists.txt": "#\n" * 150}, "CMakeLists.txt:150: lines of the file, 150", "149"),
    "include guard": ({"src/swell/base/a.h": "int f();\n"}, "src/swell/base/a.h:1: include guard", "#pragma once"),
    "no header": ({"src/swell/base/a.cc": "int f();\n"}, "src/swell/base/a.cc:1: source without its header", "a.h"),
    "main path": ({"README.md": "\n<!-- main path -->\n`engine/gone.h`\n<!-- /main path -->\n"},
                  "README.md:2: main path, engine/gone.h", ""),
    "no main path": ({"README.md": "Swell\n"}, "README.md:1: main path, no markers", ""),
    "machine path": ({"scripts/a.sh": "cd " + "/ho" + "me/me\n"}, "scripts/a.sh:1: absolute path of a machine", ""),
    "trailing whitespace": ({"scripts/a.sh": "true \n"}, "scripts/a.sh:1: trailing whitespace", ""),
    "tab": ({"tests/a.cc": "int a;  //\tb\n"}, "tests/a.cc:1: tab", ""),
}

# Trees that look like a failure and are none.
FINE = {
    "several short functions": {"tests/a.cc": "namespace a {\n" + function(60) + function(60) + "}  // namespace a\n"},
    "a long class": {"tests/a.cc": "struct A {\n" + "  void f() {\n    ;\n  }\n" * 50 + "};\n"},
    "a long table": {"tests/a.cc": "int t[] = {\n" + "    1,  //\n" * 150 + "};\n"},
    "a brace in one branch": {"tests/a.cc": "#if 1\nvoid f() {\n#else\nvoid g() {\n#endif\n}\n" + "int x;\n" * 120},
    "a test prints and has no header": {"src/swell/io/a.test.cc": "void f() { std::cout << 1; }\n"},
    "kernels use the instruction set": {"src/swell/engine/cpu/a.kernel.cc": "#include <immintrin.h>\n"},
    "text is written to a string": {"src/swell/io/a.h": HEADER + "\ninline void f() { std::snprintf(nullptr, 0); }\n"},
    "a path below a folder": {"scripts/a.sh": "echo heat/work $dir/work ./work/x\n"},
}


class CheckStyle(unittest.TestCase):
    def failures(self, changes):
        folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        for name, text in {**GOOD, **changes}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return check_style.check(folder)[0]

    def test_good_tree_passes(self):
        self.assertEqual(self.failures({}), [])

    def test_look_alikes_pass(self):
        for name, changes in FINE.items():
            with self.subTest(name):
                lines = [line for line in self.failures(changes) if ": clang-format," not in line]
                self.assertEqual(lines, [])

    def test_each_rule_fails_alone(self):
        for name, (changes, start, contains) in BAD.items():
            with self.subTest(name):
                lines = self.failures(changes)
                if name != "format":
                    lines = [line for line in lines if ": clang-format," not in line]
                self.assertEqual(len(lines), 1, lines)
                self.assertTrue(lines[0].startswith(start), lines[0])
                self.assertIn(contains, lines[0])


if __name__ == "__main__":
    unittest.main()
