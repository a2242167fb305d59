#!/usr/bin/env python3
"""Measures what faults of chips do to programs and how much training brings back: docs/hardware.json, the tables between
`<!-- NAME -->` and `<!-- end -->` of docs/hardware.md, and docs/pictures/hardware-*.svg.

usage: hardware.py [--program build/release/swell] [--measure faults] [--measure training] [--measure inverse]
                   [--task NAME] [--fault NAME] [--chips 8]

With --task only these programs of the faults are measured, with --fault only these rows of the training; the others
stay. Without --measure tables and pictures are made from docs/hardware.json. Needs numpy and matplotlib (Debian:
python3-numpy, python3-matplotlib). All of it takes some fifteen minutes of one core; seeds are fixed.
"""
import argparse
import json
import pathlib
import subprocess
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIGURES = ROOT / "docs/hardware.json"
PAGE = ROOT / "docs/hardware.md"
MISMATCH = [0.01, 0.02, 0.05, 0.1, 0.2]
BITS = [3, 4, 5, 6, 8]
INVERSE_MISMATCH = [0.01, 0.05, 0.1]
IMAGES = 200
COLOURS = ["#2a78b8", "#c8553d", "#3d8f5f", "#8a63a8", "#b38a1e", "#555555"]


def run(program, *arguments):
    done = subprocess.run([program, *map(str, arguments), "--json", "-", "--quiet", "--force"], capture_output=True,
                          text=True, cwd=ROOT)
    if done.returncode not in (0, 5):
        raise SystemExit(f"{' '.join(map(str, arguments))}: {done.stderr}")
    return json.loads(done.stdout)["result"]


def mismatch(share):
    return f"[couplings]\nmismatch = {share}\n[units]\nmismatch = {share}\n"


# Faults of the chips that are trained on or for.
TRAINED = {
    "mismatch 10 %": mismatch(0.1),
    "mismatch 20 %": mismatch(0.2),
    "mismatch 40 %": mismatch(0.4),
    "5 % open": "[couplings]\nstuck = 0.05\n",
    "offset 0.2": "[units]\noffset = 0.2\n",
}


def digits(program, folder, *more):
    run(program, "train", "designs/digits7x7.toml", "--data", "designs/digits7x7.idx", "--save", folder / "digits.safetensors",
        *more)
    return folder / "digits.safetensors"


def measure_faults(program, folder, chosen):
    """Errors of programs over chips, by mismatch of couplings and units, and by bits of couplings."""
    machine = digits(program, folder)
    run(program, "neural", "train", "designs/cosine.toml", "--task", "cos", "--batch", "0", "--updates", "1500", "--rate",
        "0.02", "--save", folder / "cosine.safetensors")
    spec = folder / "chip.toml"
    programs = {
        "digits": ["generate", machine, "-n", 60, "--film", 0, "-o", folder / "images", "--chips", 10],
        "cosine": ["neural", "test", folder / "cosine.safetensors", "--task", "cos", "-n", 200, "--read-times", 0,
                   "--chips", 20],
        "max-cut": ["ising", "examples/graph.txt", "--runs", 4, "--sweeps", 1000, "--chips", 20],
        "solve": ["solve", "examples/A.mtx", "examples/b.mtx", "-n", 640, "--chips", 200],
        "inv": ["inv", "examples/A.mtx", "-n", 640, "--chips", 200],
        "logdet": ["logdet", "examples/A.mtx", "-n", 640, "--chips", 200],
        "expm": ["expm", "examples/A.mtx", "-t", 0.5, "-n", 640, "--chips", 200],
    }
    if any(name not in programs for name in chosen):
        raise SystemExit(f"--task takes {', '.join(programs)}")
    for name, arguments in programs.items():
        if chosen and name not in chosen:
            continue
        for kind, values in (("mismatch", MISMATCH), ("bits", BITS)):
            for value in values:
                text = mismatch(value) if kind == "mismatch" else f"[couplings]\nbits = {value}\n"
                # p-bits have no potential of their own.
                spec.write_text(text.split("[units]")[0] if name == "max-cut" else text)
                chips = run(program, *arguments, "--chip", spec)["chips"]
                yield {"program": name, "fault": kind, "value": value,
                             **{key: chips[key] for key in ("what", "median", "p10", "p90", "failed", "perfect", "chips")}}


def cosine_of(report):
    return 1 - report["nearest_cosine"]["value"]


def over_chips(values):
    return {"mean": float(np.mean(values)), "stderr": float(np.std(values, ddof=1) / np.sqrt(len(values))),
            "each": values}


def measure_training(program, folder, chosen, count):
    """The digits on chips: as designed, trained for all chips, retrained on each."""
    spec = folder / "chip.toml"
    if any(name not in TRAINED for name in chosen):
        raise SystemExit(f"--fault takes {', '.join(TRAINED)}")
    for name, text in TRAINED.items():
        if chosen and name not in chosen:
            continue
        spec.write_text(text)
        row = {"fault": name, "chips": count, "images": IMAGES}
        if "offset" not in name:
            robust = folder / "robust.safetensors"
            run(program, "train", "designs/digits7x7.toml", "--data", "designs/digits7x7.idx", "--save", robust, "--chip", spec,
                "--robust")
            images = ["generate", robust, "-n", IMAGES, "--film", 0, "-o", folder / "images"]
            row["robust"] = over_chips([cosine_of(run(program, *images, "--chip", spec, "--chip-seed", seed))
                                        for seed in range(1, count + 1)])
            row["robust_designed"] = cosine_of(run(program, *images))
        chips = []
        for seed in range(1, count + 1):
            chips.append(run(program, "train", "designs/digits7x7.toml", "--data", "designs/digits7x7.idx", "--save",
                             folder / "own.safetensors", "--chip", spec, "--chip-seed", seed, "--paths", 128, "--rounds",
                             6)["chip"])
        row["designed"] = chips[0]["designed"]["value"]
        row["before"] = over_chips([chip["before"]["value"] for chip in chips])
        row["after"] = over_chips([chip["after"]["value"] for chip in chips])
        row["entropy_before"] = over_chips([chip["relative_entropy_before"]["value"] for chip in chips])
        row["entropy_after"] = over_chips([chip["relative_entropy_after"]["value"] for chip in chips])
        yield row


def measure_inverse(program, folder):
    """An 8 x 8 inverse of condition number 10 on chips, calibrated from covariances of their own samples."""
    rng = np.random.default_rng(1)
    basis, _ = np.linalg.qr(rng.normal(size=(8, 8)))
    matrix = (basis * 10.0 ** -np.linspace(0, 1, 8)) @ basis.T
    np.save(folder / "a.npy", (matrix + matrix.T) / 2 / np.abs(matrix).max())
    spec = folder / "chip.toml"
    for share in INVERSE_MISMATCH:
        spec.write_text(mismatch(share))
        row = {"mismatch": share}
        for samples in (500, 5000):
            report = run(program, "inv", folder / "a.npy", "-n", 640, "--device", "exact", "--chip", spec, "--chips", 20,
                         "--calibrate", samples)
            row["before"] = {**report["chips"]["average"], "failed": report["chips"]["failed"]}
            row[str(samples)] = {**report["calibrated"]["average"], "samples": report["calibrated"]["samples"],
                                 "failed": report["calibrated"]["failed"]}
        yield row


# ---- tables and pictures ----


def with_error(figure):
    return f"{figure['mean']:.3f} +- {figure['stderr']:.1g}"


def tables(figures):
    made = {}
    rows = ["| faults (chips) | as trained | for all chips (`--robust`) | retrained on each chip | relative entropy of paths, k: before, median after |",
            "| --- | --- | --- | --- | --- |"]
    for row in figures["training"]:
        robust = with_error(row["robust"]) if "robust" in row else "-"
        rows.append(f"| {row['fault']} ({row['chips']}) | {with_error(row['before'])} | {robust} | {with_error(row['after'])} | "
                    f"{row['entropy_before']['mean']:,.0f}, {np.median(row['entropy_after']['each']):,.2g} |")
    made["training"] = rows
    rows = ["| mismatch | as written | calibrated, 500 samples a round | calibrated, 5000 samples a round |",
            "| --- | --- | --- | --- |"]
    for row in figures["inverse"]:
        cells = [f"{row[key]['value']:.2g} +- {row[key]['stderr']:.1g}" for key in ("before", "500", "5000")]
        rows.append(f"| {row['mismatch']:.0%} | ".replace("%", " %") + " | ".join(cells) + " |")
    made["inverse"] = rows
    return made


def write_tables(figures):
    text = PAGE.read_text()
    for name, rows in tables(figures).items():
        begin, end = f"<!-- {name} -->\n", "<!-- end -->"
        at = text.index(begin) + len(begin)
        text = text[:at] + "\n".join(rows) + "\n" + text[text.index(end, at):]
    PAGE.write_text(text)


def draw(figures):
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.rcParams["svg.hashsalt"] = "swell"
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.8), sharey=True)
    names = [name for name in dict.fromkeys(row["program"] for row in figures["faults"]) if name != "max-cut"]
    for axis, kind in zip(axes, ("mismatch", "bits")):
        for name, colour in zip(names, COLOURS + ["#c05a9c"]):
            rows = [r for r in figures["faults"] if r["program"] == name and r["fault"] == kind and r["median"]]
            x = [r["value"] * (100 if kind == "mismatch" else 1) for r in rows]
            axis.plot(x, [r["median"] for r in rows], "o-", color=colour, label=name, ms=4)
            axis.fill_between(x, [max(r["p10"], 1e-4) for r in rows], [r["p90"] for r in rows], color=colour, alpha=0.12,
                              lw=0)
        axis.set_yscale("log")
        axis.set_ylim(1e-3, 3)
        axis.grid(alpha=0.25)
    axes[0].set_xscale("log")
    axes[0].set_xticks([100 * share for share in MISMATCH], [f"{100 * share:g}" for share in MISMATCH])
    axes[0].minorticks_off()
    axes[0].set_xlabel("mismatch of couplings and units, %")
    axes[1].set_xticks(BITS)
    axes[1].set_xlabel("bits of couplings")
    axes[0].set_ylabel("error of the task, median over chips")
    axes[1].legend(fontsize=8, ncol=2)
    figure.tight_layout()
    figure.savefig(ROOT / "docs/pictures/hardware-faults.svg", metadata={"Date": None})
    figure, axis = plt.subplots(figsize=(7.5, 3.4))
    rows = figures["training"]
    for k, (key, label) in enumerate((("before", "as trained"), ("robust", "trained for all chips"),
                                      ("after", "retrained on each chip"))):
        at = [i + 0.26 * (k - 1) for i, row in enumerate(rows) if key in row]
        have = [row[key] for row in rows if key in row]
        axis.bar(at, [h["mean"] for h in have], 0.24, yerr=[h["stderr"] for h in have], color=COLOURS[k], label=label,
                 capsize=2)
    axis.axhline(rows[0]["designed"], color="#555555", lw=1, ls="--", label="without faults")
    axis.set_xticks(range(len(rows)), [row["fault"] for row in rows], fontsize=8)
    axis.set_ylabel("1 - cosine to the nearest digit")
    axis.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(ROOT / "docs/pictures/hardware-training.svg", metadata={"Date": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "build/release/swell"))
    parser.add_argument("--measure", action="append", default=[], choices=["faults", "training", "inverse"])
    parser.add_argument("--task", action="append", default=[])
    parser.add_argument("--fault", action="append", default=[])
    parser.add_argument("--chips", type=int, default=8)
    options = parser.parse_args()
    figures = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        for name in options.measure:
            # Rows that are not measured anew stay; those that are take their places, or come last.
            if name == "training":
                rows, some = measure_training(options.program, pathlib.Path(folder), options.fault, options.chips), options.fault
            elif name == "faults":
                rows, some = measure_faults(options.program, pathlib.Path(folder), options.task), options.task
            else:
                rows, some = measure_inverse(options.program, pathlib.Path(folder)), []
            if not some:
                figures[name] = []
            for row in rows:
                same = [k for k, other in enumerate(figures[name])
                        if all(other.get(key) == row.get(key) for key in ("program", "fault", "value", "mismatch"))]
                if same:
                    figures[name][same[0]] = row
                else:
                    figures[name].append(row)
                FIGURES.write_text(json.dumps(figures, indent=1) + "\n")
                print(row, flush=True)
    write_tables(figures)
    draw(figures)


if __name__ == "__main__":
    main()
