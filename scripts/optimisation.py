#!/usr/bin/env python3
"""Measures `swell ising` and `swell route` on the public instances, and writes the tables of docs/ising.md and docs/route.md.

    scripts/optimisation.py                                   tables and picture from docs/optimisation.json
    scripts/optimisation.py --measure PART... --data FOLDER   measures first; parts: rates cuts minute methods peer routes generated

FOLDER has gset/G14.txt ... and tsplib/berlin52.tsp ... in their published formats. All parts take about forty minutes on two
cores, which should be quiet. `rates` needs the target swell_perf; `peer` a Python with dwave-samplers (--peer PYTHON, see
bench/peers/dwave_anneal.py); the picture matplotlib (Debian: python3-matplotlib). Between the marks `<!-- NAME -->` and
`<!-- end -->` of a page its text is this program's.
"""
import argparse
import itertools
import json
import pathlib
import random
import statistics
import subprocess
import tempfile

from pages import fill, table

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "optimisation.json"
PICTURE = ROOT / "docs" / "pictures" / "ising-gaps.png"
# Needed in 10 s by the median, and best known (references in docs/ising.md).
GRAPHS = {"G1": (11624, 11624), "G14": (3062, 3064), "G22": (13358, 13359), "G32": (1406, 1410), "G43": (6660, 6660),
          "G48": (6000, 6000), "G63": (26990, 27047)}
TOURS = {"burma14": 3323, "ulysses16": 6859, "ulysses22": 7013, "berlin52": 7542, "eil51": 426, "st70": 675, "att48": 10628,
         "kroA100": 21282, "a280": 2579}
GENERATED = {(kind, cities): 60 if cities <= 1000 else 120 for cities in (300, 600, 1000, 10000, 85900)
             for kind in ("uniform", "clusters", "board")} | {("uniform", 33810): 1}
PENALTY = ["burma14", "ulysses16", "ulysses22"]
RATES = {"lattice_bits/{}/64": "64 x 64 lattice, kT = 2.27, bits, 1024 replicas",
         "lattice_bits/{}/256": "256 x 256 lattice, bits, 1024 replicas",
         "degree16_bits/{}": "degree 16, +-1 couplings, bits, 1024 replicas",
         "degree16_real_wide/{}": "degree 16, real couplings, wide, 128 replicas",
         "lattice_single/{}/64": "64 x 64 lattice, one replica a thread",
         "lattice_single/{}/256": "256 x 256 lattice, one replica a thread",
         "lattice_single/{}/1024": "1024 x 1024 lattice, one replica a thread",
         "degree16_real_single/{}": "degree 16, real couplings, one replica a thread, 26 % accepted"}
NEEDED = {"lattice_bits/{}/64": "2.7e9 on two", "degree16_real_wide/{}": "3e8 on two", "lattice_single/{}/64": "2.4e8 on one",
          "lattice_single/{}/1024": "1.5e8 on one", "degree16_real_single/{}": "1.8e8 on one"}


def swell(arguments, *command):
    done = subprocess.run([arguments.swell, *map(str, command), "--threads", "2", "--json", "-"], capture_output=True, text=True)
    if done.returncode not in (0, 5):
        raise SystemExit(f"swell {' '.join(map(str, command))}: {done.stderr}")
    return json.loads(done.stdout)


def cut(arguments, graph, *options):
    result = swell(arguments, "ising", arguments.data / "gset" / f"{graph}.txt", *options)
    row = {"cuts": [search["value"] for search in result["result"]["searches"]],
           "seconds": [search["seconds_to_best"] for search in result["result"]["searches"]], "statistics": result["result"].get("statistics")}
    print(graph, *options, row["cuts"], flush=True)
    return row


def measure_rates(arguments):
    done = subprocess.run([arguments.perf, "--benchmark_filter=lattice|degree16", "--benchmark_min_time=1", "--benchmark_format=json",
                           "--benchmark_repetitions=3"], capture_output=True, text=True, check=True)
    best = {}
    for row in json.loads(done.stdout)["benchmarks"]:
        if row["run_type"] == "iteration":
            name = row["run_name"].replace("/real_time", "")
            best[name] = max(best.get(name, 0), row["updates"])
    return best


def measure_cuts(arguments):
    # A search that has reached the best known value is over.
    return {graph: cut(arguments, graph, "--seeds", 10, "--budget", "10s", "--target", known) for graph, (_, known) in GRAPHS.items()}


def measure_minute(arguments):
    return {graph: cut(arguments, graph, "--seeds", 5, "--budget", "60s", "--target", GRAPHS[graph][1]) for graph in ("G14", "G22")}


def measure_methods(arguments):
    return {method: {graph: cut(arguments, graph, "--seeds", 3, "--budget", "10s", "--target", known, "--method", method)
                     for graph, (_, known) in GRAPHS.items()} for method in ("tempering", "langevin")}


def measure_peer(arguments):
    files = [str(arguments.data / "gset" / f"{graph}.txt") for graph in GRAPHS]
    done = subprocess.run([arguments.peer, ROOT / "bench/peers/dwave_anneal.py", *files, "--swell", arguments.swell, "--seconds", "20",
                           "--seeds", "3"], stdout=subprocess.PIPE, text=True, check=True)
    rows = json.loads(done.stdout)["results"]
    return {pathlib.Path(row["graph"]).stem: {**row, "graph": pathlib.Path(row["graph"]).name} for row in rows}


def measure_routes(arguments):
    def tour(name, seed, seconds, *options):
        result = swell(arguments, "route", arguments.data / "tsplib" / f"{name}.tsp", "--budget", f"{seconds}s", "--seed", seed, *options)
        length = result["result"]["length"]
        print(name, seed, length, flush=True)
        return length

    rows = {}
    for name in TOURS:
        large = name in ("kroA100", "a280")
        rows[name] = [tour(name, seed, 30 if large else 10) for seed in range(1, 6 if large else 11)]
    penalty = {name: [tour(name, seed, 10, "--encoding", "penalty") for seed in range(1, 4)] for name in PENALTY}
    town = swell(arguments, "route", ROOT / "examples" / "town.streets", "--duty", "all")["result"]
    return {"tours": rows, "penalty": penalty, "town": {"length": town["length"], "optimum": town["optimum"]}}


def places(kind, cities):
    """Generated cities, the same for any run: uniform, in clusters, or the holes of a drilled board with many equal distances."""
    draw = random.Random(f"{kind} {cities}")
    side = 1_000_000
    if kind == "uniform":
        return [(draw.randrange(side), draw.randrange(side)) for _ in range(cities)]
    if kind == "clusters":
        centres = [(draw.randrange(side), draw.randrange(side)) for _ in range(max(1, cities // 100))]
        spread = side / cities**0.5
        return [tuple(round(draw.gauss(middle, spread)) for middle in draw.choice(centres)) for _ in range(cities)]
    holes = {}
    board = round(95 * cities**0.5)
    while len(holes) < cities:
        left, low, step = 50 * draw.randrange(board // 50), 50 * draw.randrange(board // 50), draw.choice((10, 20, 25))
        for i, j in itertools.product(range(draw.randint(1, 11)), range(draw.randint(1, 11))):
            holes[left + i * step, low + j * step] = None
    return list(holes)[:cities]


def measure_generated(arguments):
    # The best known is the best of all runs; the bound is the search's own.
    rows = {}
    for (kind, cities), seconds in GENERATED.items():
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "generated.tsp"
            lines = [f"{k} {x} {y}" for k, (x, y) in enumerate(places(kind, cities), 1)]
            file.write_text("\n".join(["TYPE: TSP", f"DIMENSION: {cities}", "EDGE_WEIGHT_TYPE: EUC_2D", "NODE_COORD_SECTION", *lines, "EOF\n"]))
            seeds = 3 if cities <= 1000 else 1
            results = [swell(arguments, "route", file, "--budget", f"{seconds}s", "--seed", seed) for seed in range(1, seeds + 1)]
        rows[f"{kind} {cities}"] = {"seconds": seconds, "lengths": [result["result"]["length"] for result in results], "wall": [result["wall_s"] for result in results],
                                    "bound": max(result["result"].get("lower_bound", 0) for result in results)}
        print(kind, cities, rows[f"{kind} {cities}"], flush=True)
    return rows


PARTS = {"rates": measure_rates, "cuts": measure_cuts, "minute": measure_minute, "methods": measure_methods, "peer": measure_peer,
         "routes": measure_routes, "generated": measure_generated}


def spread(values):
    """Values with how often each came, ascending."""
    return ", ".join(f"{value:g} ({values.count(value)})" for value in sorted(set(values)))


def gap(values, known):
    return 100 * (known - statistics.mean(values)) / known


def rates(results):
    rows = []
    for name, text in RATES.items():
        one, two = (results["rates"][name.format(threads)] for threads in (1, 2))
        rows.append([text, f"{one:.2g}", f"{two:.2g}", f"{two / one:.2f}", NEEDED.get(name, "")])
    return table(["case", "one thread", "two threads", "ratio", "needed"], rows)


def cuts(results):
    rows = []
    for graph, (needed, known) in GRAPHS.items():
        row = results["cuts"][graph]
        tts = row["statistics"]
        time = tts["time_to_solution"]["value"]
        low, high = tts["time_to_solution"]["interval_95"]
        text = f"{time:.2g} s ({low:.2g} to {high:.2g})" if time and high else f"{time:.2g} s (at least {low:.2g})" if time else "not reached"
        rows.append([graph, f"{statistics.median(row['cuts']):g}", spread(row["cuts"]), known, needed, text])
    page = table(["graph", "median", "cuts (seeds)", "best known", "needed", "time to the best known, p = 0.99, and 95 % interval"], rows)
    for graph, row in results["minute"].items():
        hits = sum(value >= GRAPHS[graph][1] for value in row["cuts"])
        seconds = ", ".join(f"{s:.1f}" for s, value in zip(row["seconds"], row["cuts"]) if value >= GRAPHS[graph][1])
        page += f"\n\nWithin 60 s, {graph}: {GRAPHS[graph][1]} by {hits} of {len(row['cuts'])} seeds" + (f", after {seconds} s." if hits else ".")
    return page


def methods(results):
    rows = []
    for graph, (_, known) in GRAPHS.items():
        ours, theirs = results["peer"][graph]["swell"]["cuts"], results["peer"][graph]["dwave"]["cuts"]
        other = [results["methods"][method][graph]["cuts"] for method in ("tempering", "langevin")]
        rows.append([graph, known] + [f"{statistics.median(values):g} ({min(values):g} to {max(values):g})" for values in (ours, *other, theirs)])
    return table(["graph", "best known", "anneal", "tempering", "langevin", "dwave-samplers"], rows)


def tours(results):
    rows = []
    for name, optimum in TOURS.items():
        lengths = results["routes"]["tours"][name]
        hits = lengths.count(optimum)
        worst = 100 * (max(lengths) / optimum - 1)
        need = {"kroA100": "within 0.5 %", "a280": "within 2 %"}.get(name, "9 of 10")
        rows.append([f"{name}, {30 if name in ('kroA100', 'a280') else 10} s", f"{hits} of {len(lengths)}", f"{worst:.2f} %", need])
    page = table(["problem", "optimum found", "worst seed above it", "needed"], rows)
    town = results["routes"]["town"]
    page += f"\n\nThe example town, every street: {town['length']:g} m; the exact optimum is {town['optimum']:g} m."
    rows = []
    for name, lengths in results["routes"]["penalty"].items():
        rows.append([name, TOURS[name]] + [f"{100 * (min(v) / TOURS[name] - 1):.1f} to {100 * (max(v) / TOURS[name] - 1):.1f} %"
                                          for v in (lengths, results["routes"]["tours"][name])])
    page += "\n\nThe baseline, a p-bit for each city and place, against moves that keep a tour a tour, 10 s each:\n\n"
    return page + table(["problem", "optimum", "penalty encoding, above it", "tour moves"], rows)


def generated(results):
    rows = []
    for name, row in results["generated"].items():
        best, bound = min(row["lengths"]), row["bound"]
        above = f"{100 * (best / bound - 1):.2f} %" if bound else "no bound"
        rows.append([name, f"{row['seconds']} s", best, f"{100 * (max(row['lengths']) / best - 1):.3f} %", above, f"{max(row['wall']):.1f} s"])
    return table(["cities", "time", "shortest", "worst seed above it", "shortest above the bound", "longest run took"], rows)


def picture(results):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    shown = {"anneal": {g: results["peer"][g]["swell"]["cuts"] for g in GRAPHS},
             "tempering": {g: results["methods"]["tempering"][g]["cuts"] for g in GRAPHS},
             "bistable Langevin units": {g: results["methods"]["langevin"][g]["cuts"] for g in GRAPHS},
             "dwave-samplers, annealing": {g: results["peer"][g]["dwave"]["cuts"] for g in GRAPHS}}
    colors = ["#2a78b8", "#3d8f5f", "#8a63a8", "#c8553d"]
    figure, axes = plt.subplots(figsize=(8, 3.6))
    for k, ((name, values), color) in enumerate(zip(shown.items(), colors)):
        places = [i + 0.2 * (k - 1.5) for i in range(len(GRAPHS))]
        gaps = [gap(values[g], GRAPHS[g][1]) for g in GRAPHS]
        axes.bar(places, gaps, 0.18, color=color, label=name)
        for x, height in zip(places, gaps):
            if height == 0:
                axes.plot(x, 0, "o", color=color, markersize=3, clip_on=False)
    axes.set_xticks(range(len(GRAPHS)), GRAPHS)
    axes.set_ylabel("mean cut below the best known, %")
    axes.set_title("20 s of processor time, three seeds; a dot on the line: all reached the best known", fontsize=9)
    axes.legend(frameon=False, fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(PICTURE, dpi=110)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measure", nargs="+", choices=[*PARTS, "all"], default=[])
    parser.add_argument("--data", type=pathlib.Path)
    parser.add_argument("--swell", default=str(ROOT / "build/release/swell"))
    parser.add_argument("--perf", default=str(ROOT / "build/release/bench/swell_perf"))
    parser.add_argument("--peer", default="python3")
    arguments = parser.parse_args()
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    parts = list(PARTS) if "all" in arguments.measure else arguments.measure
    if set(parts) - {"rates", "generated"} and not arguments.data:
        raise SystemExit("optimisation.py: --data FOLDER with the instances is needed to measure")
    for part in parts:
        results[part] = PARTS[part](arguments)
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    missing = set(PARTS) - set(results) - {"generated"}
    if missing:
        raise SystemExit(f"optimisation.py: not measured yet: {', '.join(sorted(missing))}")
    ising, route = ROOT / "docs/ising.md", ROOT / "docs/route.md"
    fill(ising, "rates", rates(results))
    fill(ising, "cuts", cuts(results))
    fill(ising, "methods", methods(results))
    fill(route, "tours", tours(results))
    if "generated" in results:
        fill(route, "generated tours", generated(results))
    picture(results)


if __name__ == "__main__":
    main()
