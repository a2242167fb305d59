#!/usr/bin/env python3
"""Measures how jobs of several processes scale here, and what their messages cost: docs/clusters.json.

    scripts/clusters.py [--rounds N] [--build build/release]

Weak scaling: each command with its work at one rank, and with twice the work at two, one thread each, in turns; the wall time that
the report states, medians and least times over rounds. A third column is two separate processes at once with the work of one: what two busy cores
of this computer do without any messages. A time counts only where other programs took less than --others of the computer
meanwhile; it is measured again until so many rounds are full, or --tries are used up. Messages: bench/rank_messages with 2 and 4
ranks. Needs mpirun.
"""
import argparse
import json
import math
import os
import pathlib
import random
import re
import resource
import shutil
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
ENV = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1", OMPI_MCA_rmaps_base_oversubscribe="1")


def spd(folder, n):
    """A symmetric positive definite matrix with a condition number of some ten, as .npy."""
    values = [[(2.0 + 0.1 * (i % 7) if i == j else 0.9 / n * math.sin(i * j + i + j)) for j in range(n)] for i in range(n)]
    with open(folder / "A.mtx", "w") as file:
        file.write(f"%%MatrixMarket matrix array real symmetric\n{n} {n}\n")
        for j in range(n):
            for i in range(j, n):
                file.write(f"{values[i][j]!r}\n")


def graph(folder, units):
    lines = [f"{i + 1} {j + 1} {1 if (i * 7 + j * 3) % 5 else -1}" for i in range(units) for j in ((i + 1) % units, (i + 37) % units, (i + 211) % units)]
    (folder / "graph.txt").write_text(f"{units} {len(lines)}\n" + "\n".join(lines) + "\n")


# name -> the command for `work` times the work of one rank
CASES = {
    "generate": lambda work: ["generate", "digits.safetensors", "-n", str(64 * work), "--film", "0", "-o", "images", "--force"],
    "linear": lambda work: ["inv", "A.mtx", "-n", str(500000 * work), "--no-reference", "-o", "inverse", "--force"],
    "ising": lambda work: ["ising", "graph.txt", "--as", "max-cut", "--runs", str(64 * work), "--sweeps", "6000"],
    "exact training": lambda work: ["train", "whitelam2026", "--data", f"images{work}.npy", "--save", "trained"],
}


def foreign_share(work):
    """What `work` returns, and the share of the computer that other programs took meanwhile."""
    def busy():
        fields = [int(word) for word in open("/proc/stat").readline().split()[1:9]]
        return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")

    def own():
        return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF))
    before, mine, start = busy(), own(), time.monotonic()
    result = work()
    passed = time.monotonic() - start
    return result, max(0.0, busy() - before - (own() - mine)) / (passed * (os.cpu_count() or 1))


def wall_s(command, folder, swell, ranks):
    name = f"report{ranks}.json"
    line = [swell, *command, "--threads", "1", "-q", "--json", name]
    if ranks > 1:
        line = ["mpirun", "-q", "-n", str(ranks), "--bind-to", "none", *line]
    subprocess.run(line, cwd=folder, env=ENV, check=True, stdout=subprocess.DEVNULL)
    report = json.loads((folder / name).read_text())
    return report["wall_s"], report.get("ranks")


def side_by_side(command, folders, swell):
    processes = [subprocess.Popen([swell, *command, "--threads", "1", "-q", "--json", "report.json"], cwd=folder, stdout=subprocess.DEVNULL)
                 for folder in folders]
    for process in processes:
        if process.wait() != 0:
            raise SystemExit("a run by the side of another failed")
    return statistics.mean(json.loads((folder / "report.json").read_text())["wall_s"] for folder in folders)


def images(count):
    """Images of 28 x 28 with random bytes, as .npy: no two pixels are alike, so that all sums are taken."""
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({count}, 28, 28), }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + random.Random(1).randbytes(784 * count)


def prepare(folder, swell):
    spd(folder, 256)
    graph(folder, 2000)
    for work in (1, 2):
        (folder / f"images{work}.npy").write_bytes(images(8192 * work))
    subprocess.run([swell, "train", "whitelam2026", "--save", "digits.safetensors", "-q", "--threads", "1"], cwd=folder, check=True)


def fit(rows):
    """seconds = latency + bytes at every rank / bandwidth, weighted alike on a logarithmic scale: least squares of relative errors."""
    points = [(int(row["ranks"]) * int(row["bytes"]), float(row["seconds"])) for row in rows if row["operation"] == "gather"]
    sums = [0.0] * 5
    for size, seconds in points:
        weight = 1 / seconds ** 2
        for k, term in enumerate((weight, weight * size, weight * size * size, weight * seconds, weight * size * seconds)):
            sums[k] += term
    determinant = sums[0] * sums[2] - sums[1] ** 2
    latency = (sums[3] * sums[2] - sums[4] * sums[1]) / determinant
    slope = (sums[0] * sums[4] - sums[1] * sums[3]) / determinant
    return {"latency_s": latency, "bytes_per_s": 1 / slope}


def messages(build, ranks):
    lines = subprocess.run(["mpirun", "-q", "-n", str(ranks), str(build / "bench/rank_messages")], env=ENV, check=True, capture_output=True,
                           text=True).stdout.splitlines()
    names = lines[0].split(",")
    return [dict(zip(names, line.split(","))) for line in lines[1:]]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tries", type=int, default=10)
    parser.add_argument("--others", type=float, default=0.05)
    parser.add_argument("--only", default="", help="cases whose name has this text")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    options = parser.parse_args()
    build = options.build.resolve()
    swell = str(build / "swell")
    folder, other = (pathlib.Path(tempfile.mkdtemp(prefix="swell-clusters-")) for _ in range(2))
    prepare(folder, swell)
    prepare(other, swell)
    cpu = re.search(r"^model name\s*:\s*(.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    result = {"cpu": cpu.group(1) if cpu else "unknown", "cores": os.cpu_count(), "rounds": options.rounds, "others_at_most": options.others, "others": [], "cases": {}}
    for name, command in CASES.items():
        if options.only not in name:
            continue
        times = {"one": [], "two": [], "side": []}
        traffic = None
        kinds = {"one": lambda: wall_s(command(1), folder, swell, 1), "two": lambda: wall_s(command(2), folder, swell, 2),
                 "side": lambda: (side_by_side(command(1), (folder, other), swell), None)}
        for _ in range(options.tries):
            for key, measure in kinds.items():
                if len(times[key]) == options.rounds:
                    continue
                (seconds, ranks), others = foreign_share(measure)
                result["others"].append(round(others, 3))
                traffic = ranks or traffic
                if others < options.others:
                    times[key].append(seconds)
        if not all(times.values()):
            print(name, "not measured: the computer was never quiet", flush=True)
            continue
        found = result["cases"][name] = {"seconds": times, "traffic": traffic}
        for which, of in (("median", statistics.median), ("least", min)):
            seconds = {key: of(values) for key, values in times.items()}
            found[which] = {**seconds, "efficiency": seconds["one"] / seconds["two"], "against_side_by_side": seconds["side"] / seconds["two"]}
            print(name, which, {key: round(value, 3) for key, value in found[which].items()}, flush=True)
        print(" ", traffic, flush=True)
    result["messages"] = {str(ranks): {"rows": (rows := messages(build, ranks)), "fit": fit(rows)} for ranks in (2, 4)}
    for ranks, found in result["messages"].items():
        print(ranks, "ranks:", found["fit"])
    (ROOT / "docs/clusters.json").write_text(json.dumps(result, indent=1) + "\n")
    for used in (folder, other):
        shutil.rmtree(used)


if __name__ == "__main__":
    main()
