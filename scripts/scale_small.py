#!/usr/bin/env python3
"""What a machine of stages can bear, measured in full on a small one: docs/scale_small.json and
docs/pictures/scale-bears.svg.

usage: scale_small.py [--program build/release/swell] [--measure AXIS ...]

The machine is that of docs/tutorials/all_classes.md: 8 x 8 digits of ten classes, 256 hidden units, ten stages. One number
of it is changed at a time. Without --measure the picture and the table of docs/scale.md are made from what was measured;
`--measure all` takes about a quarter of an hour of one core. Needs numpy, scikit-learn and matplotlib; seeds are fixed.
"""
import argparse
import json
import pathlib
import re
import subprocess
import tempfile

import numpy as np

from scale import redesigned

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIGURES = ROOT / "docs/scale_small.json"
PICTURE = ROOT / "docs/pictures/scale-bears.svg"
IMAGES, CHIPS, UPDATES = 500, 4, 2000
# Axis: its values, and what its panel says.
AXES = {
    "bits": ([2, 3, 4, 5, 6, 8], "bits of a coupling, nearest"),
    "bits-stochastic": ([2, 3, 4, 5, 6, 8], "bits of a coupling, rounded at random"),
    "couplings": ([0.01, 0.02, 0.05, 0.1, 0.2], "mismatch of couplings"),
    "units": ([0.01, 0.02, 0.05, 0.1, 0.2], "mismatch of stiffnesses and mobilities"),
    "mobility": ([0.3, 1, 3, 10, 30], "mobility of hidden units / visible ones"),
    "stages": ([3, 5, 7, 10, 16], "stages"),
    "hidden": ([16, 32, 64, 128, 256, 512], "hidden units"),
    "updates": ([30, 100, 300, 1000, 2000, 4000], "updates in training"),
    "cool": ([0, 0.1, 0.3, 0.6, 1], "time of cooling"),
}


class Judge:
    """A network of one hidden layer that knows the real images; its hidden layer gives the features of the distance."""

    def __init__(self):
        from sklearn.datasets import load_digits
        from sklearn.model_selection import cross_val_score
        from sklearn.neural_network import MLPClassifier
        digits = load_digits()
        self.images, self.labels = digits.data / 16, digits.target
        network = MLPClassifier((64,), max_iter=600, random_state=1)
        self.accuracy = float(cross_val_score(network, self.images, self.labels, cv=5).mean())
        self.network = network.fit(self.images, self.labels)
        draws = np.random.default_rng(1)
        self.class_gaussians = np.concatenate([
            draws.multivariate_normal(rows.mean(0), np.cov(rows.T), IMAGES // 10)
            for rows in (self.images[self.labels == kind] for kind in range(10))])
        self.some = self.images[draws.choice(len(self.images), IMAGES, replace=False)]

    def features(self, pixels):
        return np.maximum(pixels.clip(0, 1) @ self.network.coefs_[0] + self.network.intercepts_[0], 0)

    def distance(self, pixels):
        """Fréchet distance of Gaussians in the features."""
        a, b = self.features(pixels), self.features(self.images)
        A, B = np.cov(a.T), np.cov(b.T)
        roots = np.sqrt(np.maximum(np.linalg.eigvals(A @ B).real, 0))
        return float(((a.mean(0) - b.mean(0))**2).sum() + np.trace(A) + np.trace(B) - 2 * roots.sum())

    def verdict(self, pixels, asked):
        draws = np.random.default_rng(2)
        right = (self.network.predict(pixels.clip(0, 1)) == asked).astype(float)
        resampled = [self.distance(pixels[draws.integers(0, len(pixels), len(pixels))]) for _ in range(50)]
        spread = lambda x, y: float(np.mean([x[y == kind].var(0).sum() for kind in range(10)]))
        return {"agreement": [float(right.mean()), float(right.std() / np.sqrt(len(right)))],
                "distance": [self.distance(pixels), float(np.std(resampled))],
                "variance": spread(pixels, asked) / spread(self.images, self.labels)}


class Bench:
    def __init__(self, program, folder, judge):
        self.program, self.folder, self.judge = program, folder, judge
        page = (ROOT / "docs/tutorials/all_classes.md").read_text()
        self.design = re.search(r'text = """\n(.*?)"""', page, re.S)[1]
        np.save(folder / "images.npy", (judge.images.reshape(-1, 8, 8) * 255).round().astype(np.uint8))
        np.save(folder / "labels.npy", judge.labels)
        self.machine = self.train(self.design)

    def run(self, *arguments):
        done = subprocess.run([self.program, *map(str, arguments), "--quiet", "--force", "--json", self.folder / "report.json"],
                              capture_output=True, text=True)
        if done.returncode == 4:  # trajectories left the range of numbers: no images
            return None
        if done.returncode not in (0, 5):
            raise SystemExit(f"{' '.join(map(str, arguments))}: {done.stderr}")
        return json.loads((self.folder / "report.json").read_text())["result"]

    def train(self, design, updates=UPDATES):
        text, machine = self.folder / "digits8.toml", self.folder / f"m{abs(hash((design, updates)))}.safetensors"
        if not machine.exists():
            text.write_text(design)
            self.run("train", text, "--data", f"{self.folder / 'images.npy'}:{self.folder / 'labels.npy'}", "--white", 255,
                     "--updates", updates, "--rate", 0.01, "--arithmetic", "f32", "--save", machine)
        return machine

    def changed(self, **settings):
        """The trained machine with other numbers in its design."""
        return redesigned(self.machine, self.folder / "changed.safetensors", **settings)

    def images(self, machine, *flags):
        out = self.folder / "out"
        result = self.run("generate", machine, "-n", IMAGES, "--film", 0, "-o", out, *flags)
        if result is None:
            return None
        pixels = (np.load(out / "samples.npy").reshape(-1, 64) + 1) / 2
        return {**self.judge.verdict(pixels, np.load(out / "labels.npy")), "heat_kT": result["heat"]["value"]}

    def chips(self, spec):
        file = self.folder / "chip.toml"
        file.write_text(spec)
        each = [self.images(self.machine, "--chip", file, "--chip-seed", seed) for seed in range(1, CHIPS + 1)]
        of = lambda key: [float(np.mean([c[key][0] for c in each])), float(np.std([c[key][0] for c in each], ddof=1) / np.sqrt(CHIPS))]
        mean = lambda key: float(np.mean([c[key] for c in each]))
        return {"agreement": of("agreement"), "distance": of("distance"), "variance": mean("variance"), "heat_kT": mean("heat_kT")}

    def measure(self, axis, value):
        if axis == "bits":
            return self.images(self.machine, "--bits", value)
        if axis == "bits-stochastic":
            return self.images(self.machine, "--bits", value, "--rounding", "stochastic")
        if axis == "couplings":
            return self.chips(f"[couplings]\nmismatch = {value}\n")
        if axis == "units":
            return self.chips(f"[units]\nmismatch = {value}\ncapacitance = {value}\n")
        if axis == "mobility":  # the step must resolve the hidden units
            return self.images(self.changed(mobility=float(value), dt=1e-3 * min(1, 10 / value)))
        if axis == "cool":
            return self.images(self.changed(cool=float(value)))
        if axis == "updates":
            return self.images(self.train(self.design, value))
        change = {"stages": ("count = 10", f"count = {value}"), "hidden": ("shape = [256]", f"shape = [{value}]")}[axis]
        assert self.design.count(change[0]) == 1
        design = self.design.replace(*change)
        if axis == "hidden":
            design = design.replace("linear = 32", f"linear = {min(32, value // 4)}")
        return self.images(self.train(design))


def draw(results):
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    reference = results["reference"]
    plt.rcParams.update({"font.size": 8, "svg.fonttype": "none", "axes.spines.top": False, "axes.spines.right": False})
    figure, panels = plt.subplots(3, 3, figsize=(9, 7.4))
    for panel, (axis, (values, label)) in zip(panels.flat, AXES.items()):
        points = [(v, results["axes"][axis][str(v)]) for v in values if results["axes"].get(axis, {}).get(str(v))]
        if not points:
            panel.set_visible(False)
            continue
        scale = reference["class Gaussians"]["distance"][0]
        x = [v for v, _ in points]
        for key, colour, name, unit in (("agreement", "#2a78b8", "agreement", 1), ("distance", "#c8553d", "FD / FD of class Gaussians", scale)):
            panel.errorbar(x, [p[key][0] / unit for _, p in points], yerr=[p[key][1] / unit for _, p in points], marker="o", ms=3.5,
                           lw=1.2, capsize=2, color=colour, label=name)
        if axis not in ("bits", "bits-stochastic", "cool"):
            panel.set_xscale("log")
            ticks = [v for v in x if v != 2000]  # where two would touch
            panel.set_xticks(ticks, [f"{v:g}" for v in ticks])
            panel.minorticks_off()
        panel.axhline(1, color="#bbbbbb", lw=0.8, zorder=0)
        panel.set_ylim(0, 2)
        panel.set_xlabel(label)
    figure.legend(*panels.flat[0].get_legend_handles_labels(), frameon=False, loc="upper center", ncol=2)
    figure.tight_layout(rect=(0, 0, 1, 0.96))
    figure.savefig(PICTURE, metadata={"Date": None, "Creator": None})
    plt.close(figure)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/release/swell")
    parser.add_argument("--measure", nargs="*", default=[], help="axes, or all")
    arguments = parser.parse_args()
    results = json.loads(FIGURES.read_text()) if FIGURES.exists() else {"axes": {}}
    axes = list(AXES) if "all" in arguments.measure else arguments.measure
    if axes:
        judge = Judge()
        kinds = np.repeat(np.arange(10), IMAGES // 10)
        real = judge.images, judge.labels
        results["judge"] = {"accuracy": judge.accuracy}
        results["reference"] = {"class Gaussians": judge.verdict(judge.class_gaussians, kinds),
                                "real images": {**judge.verdict(*real), "distance": [judge.distance(judge.some), 0.0]}}
        with tempfile.TemporaryDirectory() as temporary:
            bench = Bench(arguments.program, pathlib.Path(temporary), judge)
            results["reference"]["the machine"] = bench.images(bench.machine)
            for axis in axes:
                for value in AXES[axis][0]:
                    results["axes"].setdefault(axis, {})[str(value)] = bench.measure(axis, value)
                    print(axis, value, results["axes"][axis][str(value)], flush=True)
                    FIGURES.write_text(json.dumps(results, indent=1) + "\n")
    draw(results)


if __name__ == "__main__":
    main()
