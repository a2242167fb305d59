#!/usr/bin/env python3
"""Measures how linear algebra by fluctuations scales, and writes the figures and pictures of docs/linear.md.

usage: linear.py [--program build/release/swell] [--largest 1024] [--plot-only]

Needs numpy and matplotlib (Debian: python3-numpy, python3-matplotlib). Writes docs/linear.json and
docs/pictures/linear-*. Random symmetric matrices with a uniform random eigenbasis and log-uniform eigenvalues between 1
and 1/condition; b with normal entries. The exact device runs them: the statistics of the machine, at any condition.
"""
import argparse
import json
import pathlib
import re
import subprocess
import tempfile

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
SIZES = [8, 16, 32, 64, 128, 256, 512, 1024]
CONDITIONS = [1, 10, 100, 1000, 10000]
COLORS = ["#2a78b8", "#c8553d", "#3d8f5f", "#8a63a8", "#b38a1e"]


def matrix(d, condition, rng):
    basis, _ = np.linalg.qr(rng.normal(size=(d, d)))
    eigenvalues = np.exp(-rng.uniform(0, np.log(condition), d)) if condition > 1 else np.ones(d)
    eigenvalues[0], eigenvalues[-1] = 1, 1 / condition
    a = (basis * eigenvalues) @ basis.T
    return (a + a.T) / 2


def run(program, *arguments):
    done = subprocess.run([program, *arguments, "--json", "-"], capture_output=True, text=True)
    if done.returncode not in (0, 5):
        raise SystemExit(f"{' '.join(arguments)}: {done.stderr}")
    return json.loads(done.stdout)


def measure(program, largest):
    rows = []
    rng = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as folder:
        a_file, b_file = f"{folder}/a.npy", f"{folder}/b.npy"
        for d in [size for size in SIZES if size <= largest]:
            for condition in CONDITIONS:
                np.save(a_file, matrix(d, condition, rng))
                np.save(b_file, rng.normal(size=d))
                for kind in ("solve", "inv"):
                    files = [a_file, b_file] if kind == "solve" else [a_file]
                    report = run(program, kind, *files, "--device", "exact", "-n", "5120")
                    answer, bill = report["result"], report["bill"]
                    times, digital = answer["times"], report["references"][0]
                    row = {"kind": kind, "d": d, "condition": condition, "samples": answer["samples"],
                           "relative_error": answer["answer"]["error"]["relative"],
                           "true_relative_error": digital["true_relative_error"],
                           "relaxation": times["relaxation"] / times["fastest"],
                           "machine_time": times["machine"] / times["fastest"],
                           "digital_wall_s": bill["digital"]["wall_s"], "digital_macs": bill["digital"]["multiply_adds"],
                           "simulation_wall_s": bill["simulation"]["wall_s"]}
                    if "conjugate_gradients" in digital:
                        row["cg_iterations"] = digital["conjugate_gradients"]["iterations"]
                        row["cg_wall_s"] = digital["conjugate_gradients"]["wall_s"]
                    rows.append(row)
                    print(f"{kind} d {d} condition {condition}: relative error {row['relative_error']:.3g} "
                          f"(true {row['true_relative_error']:.3g}), relaxation {row['relaxation']:.3g}", flush=True)
    return rows


def pictures_of_the_program(program):
    """The plots of a report page, as they are."""
    folder = ROOT / "docs/pictures"
    with tempfile.TemporaryDirectory() as place:
        run(program, "inv", str(ROOT / "examples/linear/karate.mtx"), "-n", "100000", "--device", "exact", "-o", place)
        found = re.findall(r"<svg.*?</svg>", (pathlib.Path(place) / "report.html").read_text(), re.S)
        for name, svg in zip(("convergence", "sampled", "true"), found):
            (folder / f"linear-{name}.svg").write_text(svg + "\n")
        run(program, "logdet", str(ROOT / "examples/linear/kernel.mtx"), "-n", "100000", "--device", "exact", "-o", place)
        found = re.findall(r"<svg.*?</svg>", (pathlib.Path(place) / "report.html").read_text(), re.S)
        (folder / "linear-integration.svg").write_text(found[0] + "\n")


def axes(x_label, y_label):
    figure, plot = plt.subplots(figsize=(7, 3.6))
    plot.set_xscale("log")
    plot.set_yscale("log")
    plot.set_xlabel(x_label)
    plot.set_ylabel(y_label)
    plot.grid(True, which="major", color="#e3e8ec")
    for side in ("top", "right"):
        plot.spines[side].set_visible(False)
    return figure, plot


def save(figure, name):
    figure.tight_layout()
    figure.savefig(ROOT / f"docs/pictures/linear-{name}.png", dpi=130)
    plt.close(figure)


def needed(row, tolerance):
    """Samples for a tolerance, from the measured error: it falls as one over their root."""
    return row["samples"] * (row["relative_error"] / tolerance) ** 2


def device_time(row, tolerance, interval=0.5, burn_in=8):
    """In relaxation times of the fastest mode: one device, one burn-in."""
    return row["relaxation"] * (burn_in + interval * needed(row, tolerance))


def plot(rows):
    figure, plot_of = axes("unknowns", "samples for an error of 1 %")
    for color, (kind, name) in zip(COLORS, (("solve", "solve"), ("inv", "inverse"))):
        for condition, style in ((1, "-"), (100, "--"), (10000, ":")):
            chosen = [r for r in rows if r["kind"] == kind and r["condition"] == condition]
            plot_of.plot([r["d"] for r in chosen], [needed(r, 0.01) for r in chosen], style, color=color,
                         label=f"{name}, condition {condition}")
    plot_of.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.01, 0.5))
    save(figure, "samples")

    figure, plot_of = axes("condition number", "device time for 1 %,\nrelaxation times of the fastest mode")
    for color, d in zip(COLORS, (8, 64, 256, 1024)):
        for kind, style in (("solve", "-"), ("inv", "--")):
            chosen = [r for r in rows if r["kind"] == kind and r["d"] == d]
            if chosen:
                plot_of.plot([r["condition"] for r in chosen], [device_time(r, 0.01) for r in chosen], style, color=color,
                             label=f"{'solve' if kind == 'solve' else 'inverse'}, d = {d}")
    plot_of.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.01, 0.5))
    save(figure, "time")

    # The price of one reading below which the device spends less than Cholesky at 1 pJ per multiply-add.
    figure, plot_of = axes("unknowns", "break-even price of a reading, J")
    for color, tolerance in zip(COLORS, (0.1, 0.01, 0.001)):
        for kind, style in (("solve", "-"), ("inv", "--")):
            chosen = [r for r in rows if r["kind"] == kind and r["condition"] == 10]
            plot_of.plot([r["d"] for r in chosen], [r["digital_macs"] * 1e-12 / (needed(r, tolerance) * r["d"]) for r in chosen],
                         style, color=color, label=f"{'solve' if kind == 'solve' else 'inverse'}, error {tolerance:g}")
    plot_of.axhline(1e-12, color="#6b7480", lw=0.8)
    plot_of.text(8, 1.3e-12, "1 pJ, 8 bits (assumed)", fontsize=8, color="#6b7480")
    plot_of.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1.01, 0.5))
    save(figure, "price")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=str(ROOT / "build/release/swell"))
    parser.add_argument("--largest", type=int, default=1024)
    parser.add_argument("--plot-only", action="store_true")
    options = parser.parse_args()
    path = ROOT / "docs/linear.json"
    if not options.plot_only:
        rows = measure(options.program, options.largest)
        path.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
    pictures_of_the_program(options.program)
    plot(json.loads(path.read_text()))


if __name__ == "__main__":
    main()
