#!/usr/bin/python3
"""Measures the figures and pictures of docs/generate.md with the program itself.

    scripts/studies.py [--program build/release/swell] [--only NAME ...]

Needs the MNIST files (swell data mnist) and python3-matplotlib. Every figure comes from the program's JSON; a study that has been
measured before is kept in docs/studies.json and is measured again only when named with --only.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
RESULTS = ROOT / "docs" / "studies.json"
BITS = (2, 3, 4, 5, 6, 8)
CHIPS = (1, 2, 3, 4)
SHOWN = ("exact", "gradient-100", "gradient-1000", "bits-2", "stochastic-2-chip-1", "classes-10", "prototypes-15")


def trained(program, folder, train):
    """The machine trained with these flags, and the report of its training; trained once for all studies that share it."""
    stem = folder / ("model " + " ".join(train)).replace("/", "_")
    model, report = stem.with_suffix(".safetensors"), stem.with_suffix(".json")
    if not report.exists():
        subprocess.run([program, "train", "whitelam2026", "--save", model, "--json", report, *train], check=True)
    return model, json.loads(report.read_text())["result"]


def measure(program, folder, name, train, generate):
    """Trains, generates, keeps the grid as a picture where the page shows it, and returns the figures that matter."""
    model, training = trained(program, folder, train)
    subprocess.run([program, "generate", model, "-o", folder / "out", "--film", "0", *generate], check=True)
    if name in SHOWN:
        shutil.copy(folder / "out" / "grid.png", PICTURES / f"{name}.png")
    result = json.loads((folder / "out" / "report.json").read_text())
    generation = result["result"]
    return {
        "train": train,
        "generate": generate,
        "training_wall_s": training["wall_s"],
        "residual": training["residual"],
        "curve": [] if generate and "--bits" in generate else training["curve"],
        "samples": generation["samples"],
        "nearest_cosine": generation["nearest_cosine"],
        "heat_kT": generation["heat"],
        "class_counts": generation["class_counts"],
        "negatives": generation["negatives"],
    }


def studies():
    """Name -> (flags of train, flags of generate)."""
    table = {"exact": ([], ["-n", "1000"])}
    for updates in (100, 300, 1000):
        table[f"gradient-{updates}"] = (["--method", "gradient", "--updates", str(updates)], ["-n", "200"])
    for bits in BITS:
        table[f"bits-{bits}"] = ([], ["-n", "200", "--bits", str(bits)])
        for chip in CHIPS:
            flags = ["-n", "200", "--bits", str(bits), "--rounding", "stochastic", "--seed", str(chip)]
            table[f"stochastic-{bits}-chip-{chip}"] = ([], flags)
    # The first images of different classes among the first training images of MNIST: 5 0 4 1 9 2 1 3 1 4 3 5 3 6 1 7 2 8.
    firsts = {0: 1, 1: 3, 2: 5, 3: 7, 4: 2, 5: 0, 6: 13, 7: 15, 8: 17, 9: 4}
    for classes in (2, 4, 5, 6, 8, 10):
        numbers = ",".join(str(firsts[c]) for c in range(classes))
        table[f"classes-{classes}"] = (["--data", "mnist", "--images", numbers], ["-n", "200"])
    for each in (2, 5):
        table[f"prototypes-{3 * each}"] = (["--data", "mnist", "--classes", "0,1,2", "--per-class", str(each)], ["-n", "200"])
    return table


def plot(results):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    def points(axis, names, xs, key, label):
        values = [results[name][key] for name in names]
        axis.errorbar(xs, [v["value"] for v in values], [v["stderr"] for v in values], marker="o", capsize=3, label=label)

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.4), constrained_layout=True)
    chips = [(b, f"stochastic-{b}-chip-{c}") for b in BITS for c in CHIPS]
    for axis, key in ((left, "nearest_cosine"), (right, "heat_kT")):
        points(axis, [f"bits-{b}" for b in BITS], BITS, key, "rounded to nearest")
        axis.errorbar([b + 0.1 for b, _ in chips], [results[n][key]["value"] for _, n in chips],
                      [results[n][key]["stderr"] for _, n in chips], fmt="s", ms=4, capsize=2, label="stochastic, four chips")
    left.axhline(results["exact"]["nearest_cosine"]["value"], color="gray", linestyle="--", label="f32")
    left.set(xlabel="bits per coupling", ylabel="mean nearest cosine", ylim=(0, 1))
    left.legend()
    right.axhline(results["exact"]["heat_kT"]["value"], color="gray", linestyle="--")
    right.set(xlabel="bits per coupling", ylabel="heat per image, kT")
    figure.savefig(PICTURES / "precision.png", dpi=110)

    figure, axis = pyplot.subplots(figsize=(5, 3.4), constrained_layout=True)
    classes = [("exact" if c == 3 else f"classes-{c}", c) for c in (2, 3, 4, 5, 6, 8, 10)]
    classes = [(name, c) for name, c in classes if name in results]
    points(axis, [name for name, _ in classes], [c for _, c in classes], "nearest_cosine", "one image of each class")
    proto = [(f"prototypes-{p}", p) for p in (6, 15) if f"prototypes-{p}" in results]
    points(axis, [name for name, _ in proto], [p for _, p in proto], "nearest_cosine", "several images of 0, 1, 2")
    axis.set(xlabel="images learned", ylabel="mean nearest cosine", ylim=(0, 1))
    axis.legend()
    figure.savefig(PICTURES / "capacity.png", dpi=110)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "build/release/swell"))
    parser.add_argument("--only", nargs="*", help="measure these again, others only where missing")
    arguments = parser.parse_args()
    PICTURES.mkdir(parents=True, exist_ok=True)
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        for name, (train, generate) in studies().items():
            if name in results and name not in (arguments.only or []):
                continue
            results[name] = measure(arguments.program, pathlib.Path(folder), name, train, generate)
            RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    plot(results)


if __name__ == "__main__":
    main()
