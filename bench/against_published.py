#!/usr/bin/env python3
"""Training plus 100 images: this program against the published machine as plain loops, one after the other on this machine.

    bench/against_published.py [--build build/release] [--rounds 3]

The loops (bench/published_loops.cc: one unit at a time, neighbour lists, double precision, one trajectory) are timed over a few
hundred steps and multiplied by the number of steps: 100 updates and 100 images. Prints JSON with medians and their ratio.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=str(ROOT / "build/release"))
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    build = pathlib.Path(arguments.build)
    loops, training, generation = [], [], []
    for _ in range(arguments.rounds):
        plain = subprocess.run([build / "bench/published_loops", "--steps", "200"], check=True, capture_output=True)
        loops.append(json.loads(plain.stdout)["published_total_s"])
        with tempfile.TemporaryDirectory() as folder:
            demo = subprocess.run([build / "swell", "demo", "-o", folder, "--json", "-"], check=True, capture_output=True)
        result = json.loads(demo.stdout)["result"]
        training.append(result["training"]["wall_s"])
        generation.append(result["wall_s"])
    ours = [t + g for t, g in zip(training, generation)]
    print(json.dumps({
        "plain_loops_total_s": statistics.median(loops),
        "swell_training_s": statistics.median(training),
        "swell_100_images_s": statistics.median(generation),
        "ratio_median_of_pairs": statistics.median(a / b for a, b in zip(loops, ours)),
        "rounds": arguments.rounds,
    }, indent=2))


if __name__ == "__main__":
    main()
