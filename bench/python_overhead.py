#!/usr/bin/env python3
"""What the Python package costs over the program: prints a JSON of figures.

usage: python_overhead.py PROGRAM [--images 100] [--repeats 3]

The published machine (design whitelam2026, protocol generation) by `swell run` and by swell.run(), the same seed and
threads, alternating; the smallest of the repeats. The program also writes its files, so that the time that both report
of the simulation alone (wall_s) stands beside the whole.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import swell


def program_seconds(program, images):
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        subprocess.run([program, "run", "whitelam2026", "--protocol", "generation", "-n", str(images), "--course-points", "0", "-o",
                        folder], check=True, capture_output=True)
        whole = time.perf_counter() - start
        report = json.loads((pathlib.Path(folder) / "report.json").read_text())
        return whole, report["bill"]["simulation"]["wall_s"]


def package_seconds(images):
    design = swell.design("whitelam2026")
    start = time.perf_counter()
    run = swell.run(design, "generation", trajectories=images)
    return time.perf_counter() - start, run.wall_s


def call_microseconds(calls=20000):
    machine = swell.Machine().group("x", 10)
    protocol = swell.Protocol().segment("s", 0.01)
    for _ in range(1000):
        swell.run(machine, protocol, dt=0.01)
    start = time.perf_counter()
    for _ in range(calls):
        swell.run(machine, protocol, dt=0.01)
    return (time.perf_counter() - start) / calls * 1e6


def import_seconds():
    code = "import time; t = time.perf_counter(); import swell; print(time.perf_counter() - t)"
    return min(float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)
               for _ in range(5))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--images", type=int, default=100)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    pairs = [(program_seconds(given.program, given.images), package_seconds(given.images)) for _ in range(given.repeats)]
    program, inside = (min(pair[0][k] for pair in pairs) for k in (0, 1))
    package, own = (min(pair[1][k] for pair in pairs) for k in (0, 1))
    print(json.dumps({"program_s": program, "program_wall_s": inside, "package_s": package, "package_wall_s": own,
                      "package_over_program": package / program, "package_over_its_wall": package / own,
                      "call_us": call_microseconds(), "import_s": import_seconds()}, indent=2))


if __name__ == "__main__":
    main()
