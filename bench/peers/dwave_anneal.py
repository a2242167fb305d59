#!/usr/bin/env python3
"""Max-cut by the simulated annealing of dwave-samplers beside `swell ising`, at equal processor time.

    python3 -m venv peers && peers/bin/pip install dwave-samplers numpy
    peers/bin/python bench/peers/dwave_anneal.py GRAPH... [--swell build/release/swell] [--seconds 20] [--seeds 3]

Each gets `--seconds` of processor time a seed: the peer runs on one thread, Swell on two for half as long. The peer's reads
of 1000 sweeps are made in batches until its time is over; its best read counts. Prints one JSON object.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time


def read_graph(path):
    with open(path) as file:
        words = file.read().split()
    vertices, edges = int(words[0]), int(words[1])
    rest = words[2:]
    return vertices, [(int(rest[3 * k]) - 1, int(rest[3 * k + 1]) - 1, float(rest[3 * k + 2])) for k in range(edges)]


def peer(sampler, graph, seconds, seed, sweeps):
    vertices, edges = graph
    couplings = {(a, b): weight for a, b, weight in edges}
    fields = dict.fromkeys(range(vertices), 0.0)
    total = sum(couplings.values())
    best, reads, start = -float("inf"), 0, time.process_time()
    batch = 1
    while time.process_time() - start < seconds:
        before = time.process_time()
        answer = sampler.sample_ising(fields, couplings, num_reads=batch, num_sweeps=sweeps, seed=seed * 100003 + reads)
        best = max(best, (total - answer.first.energy) / 2)
        reads += batch
        left = seconds - (time.process_time() - start)
        batch = max(1, min(1000, int(left / 2 / max(1e-6, (time.process_time() - before) / batch))))
    return best, vertices * sweeps * reads / (time.process_time() - start)


def ours(program, path, seconds, seed):
    command = [program, "ising", path, "--threads", "2", "--budget", f"{seconds / 2}s", "--seed", str(seed), "--json", "-"]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["value"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("graphs", nargs="+")
    parser.add_argument("--swell", default="build/release/swell")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--sweeps", type=int, default=1000)
    arguments = parser.parse_args()
    try:
        from dwave.samplers import SimulatedAnnealingSampler
    except ImportError:
        sys.exit("dwave_anneal.py: pip install dwave-samplers first")
    sampler, results = SimulatedAnnealingSampler(), []
    for path in arguments.graphs:
        graph = read_graph(path)
        theirs = [peer(sampler, graph, arguments.seconds, seed, arguments.sweeps) for seed in range(1, arguments.seeds + 1)]
        cuts = [ours(arguments.swell, path, arguments.seconds, seed) for seed in range(1, arguments.seeds + 1)]
        results.append({"graph": path, "cpu_seconds": arguments.seconds,
                        "dwave": {"cuts": [cut for cut, _ in theirs], "median": statistics.median(cut for cut, _ in theirs),
                                  "updates_per_s": statistics.median(rate for _, rate in theirs)},
                        "swell": {"cuts": cuts, "median": statistics.median(cuts)}})
        print(json.dumps(results[-1]), file=sys.stderr)
    print(json.dumps({"results": results}, indent=2))


if __name__ == "__main__":
    main()
