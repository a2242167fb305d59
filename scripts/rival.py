#!/usr/bin/python3
"""The digital rival of docs/scale.md: quality against energy beside the machines of machines/.

    scripts/rival.py mnist=NETWORK fashion-mnist=NETWORK [--program build/release/swell] [--samples 400]

NETWORKs are those of 'swell rival train'. The figures go to docs/scale_rival.json, the plot to docs/pictures/scale-rival.svg. The
machine's figures stand in that file under "machine". Needs the data sets and python3-matplotlib.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "scale_rival.json"
STEPS = (1, 8, 32)
NOISES = {"mnist": (0.4, 0.2), "fashion-mnist": (0.5, 0.17)}


def measured(program, network, data, samples, steps, noise, folder):
    out = folder / "out"
    subprocess.run([program, "rival", "generate", network, "-n", str(samples), "--steps", str(steps), "--first-noise", str(noise), "--fresh", "1", "-o", out,
                    "--force", "-q"], check=True)
    report = json.loads((out / "report.json").read_text())
    subprocess.run([program, "judge", out, "--data", data, "--range", "-1,1", "-q", "--json", folder / "judge.json"], check=True)
    verdict = json.loads((folder / "judge.json").read_text())["result"]
    figures = ("agreement", "frechet_distance", "kernel_distance", "precision", "recall", "variance", "nearest", "copied")
    return {"data": data, "steps": steps, "noise": noise, "samples": samples, "multiply_adds": report["result"]["multiply_adds"],
            "joule": report["bill"]["digital"]["joule"], "wall_s": report["result"]["wall_s"], "training": {name: report["result"]["training"][name] for name in ("updates", "rate", "wall_s", "loss_of_levels")},
            "judge": {name: verdict[name] for name in figures if name in verdict}}


def draw(results, path):
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.4))
    for axis, data in zip(axes, NOISES):
        for noise, colour in zip(NOISES[data], ("#b5542a", "#8a8a8a")):
            rows = [row for row in results["rival"] if row["data"] == data and row["noise"] == noise]
            axis.errorbar([row["joule"] for row in rows], [row["judge"]["frechet_distance"]["value"] for row in rows],
                          yerr=[row["judge"]["frechet_distance"]["stderr"] for row in rows], marker="o", ms=4, capsize=2, color=colour,
                          label=f"network, from noise {noise:g}")
        machine = results["machine"][data]
        spent = {"heat": machine["heat_joule"], "heat and readout": machine["heat_joule"] + machine["readout_joule"],
                 "all: heat, readout, writes": machine["heat_joule"] + machine["readout_joule"] + machine["write_joule"]}
        for (name, joule), mark in zip(spent.items(), ("v", "s", "D")):
            axis.errorbar([joule], [machine["fd"]], yerr=[machine["fd_error"]], marker=mark, ls="", color="#1f5fa8", capsize=2,
                          label=f"machine, {name}")
        axis.set_xscale("log")
        axis.set_ylim(bottom=0)
        axis.set_xlabel("energy of an image, J")
        axis.set_title(data)
        axis.legend(frameon=False, fontsize=7)
    axes[0].set_ylabel("Fréchet distance")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", help="DATA=NETWORK; without any the plot is drawn anew")
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build" / "release" / "swell")
    parser.add_argument("--samples", type=int, default=400)
    arguments = parser.parse_args()
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {"rival": [], "machine": {}}
    for word in arguments.networks:
        data, network = word.split("=", 1)
        results["rival"] = [row for row in results["rival"] if row["data"] != data]
        with tempfile.TemporaryDirectory() as folder:
            for noise in NOISES[data]:
                for steps in STEPS:
                    results["rival"].append(measured(arguments.program, network, data, arguments.samples, steps, noise, pathlib.Path(folder)))
                    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    if results["machine"]:
        draw(results, ROOT / "docs" / "pictures" / "scale-rival.svg")


if __name__ == "__main__":
    main()
