#!/usr/bin/python3
"""Measures the figures and pictures of docs/scale.md with the program itself.

    scripts/scale.py [--program build/release/swell] [--data mnist fashion-mnist] [--samples 2000] [--only NAME ...]

Takes the machines of machines/ and needs the data sets (swell data mnist, swell data fashion-mnist),
python3-numpy and python3-matplotlib. What has been measured
before is kept in docs/scale.json and measured again only when named with --only.
"""

import argparse
import json
import pathlib
import re
import shutil
import struct
import subprocess
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
RESULTS = ROOT / "docs" / "scale.json"
BITS = (3, 4, 5, 6)
STYLES = 64
MOBILITIES = (1, 3, 5, 10)


def redesigned(machine, out, **settings):
    """A machine file with other numbers in the text of its design: the couplings stay."""
    raw = machine.read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:8 + length])
    text = header["__metadata__"]["design"]
    for key, value in settings.items():
        text, found = re.subn(rf"(?m)^{key} = [^#\n]*", f"{key} = {value} ", text)
        assert found == 1, key
    header["__metadata__"]["design"] = text
    packed = json.dumps(header, separators=(",", ":")).encode()
    packed += b" " * (-len(packed) % 8)
    out.write_bytes(struct.pack("<Q", len(packed)) + packed + raw[8 + length:])
    return out


def coarser(machine, out, bits):
    """A machine whose shared couplings have fewer bits, rounded to nearest."""
    raw = bytearray(machine.read_bytes())
    length = struct.unpack("<Q", raw[:8])[0]
    place = json.loads(raw[8:8 + length])["stages.W"]
    assert place["dtype"] == "I8"
    begin, end = (8 + length + offset for offset in place["data_offsets"])
    numbers = np.frombuffer(raw[begin:end], np.int8).astype(np.float64)
    step = 127 / (2**(bits - 1) - 1)
    raw[begin:end] = np.rint(np.rint(numbers / step) * step).astype(np.int8).tobytes()
    out.write_bytes(raw)
    return out


ARITHMETIC = ["--arithmetic", "f32"]


def judged(program, machine, data, folder, samples, *flags):
    """Images of all classes in turn, and what the judge says of them."""
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    subprocess.run([program, "generate", machine, "-n", str(samples), "-o", out, "--film", "0", *ARITHMETIC, *flags], check=True)
    report = json.loads((out / "report.json").read_text())
    subprocess.run([program, "judge", out, "--data", data, "--range", "-1,1", "--json", folder / "judge.json"], check=True)
    verdict = json.loads((folder / "judge.json").read_text())
    return {"samples": samples, "flags": [*ARITHMETIC, *map(str, flags)], "heat_kT": report["result"]["heat"], "wall_s": report["result"]["wall_s"],
            "bill": report["bill"], "judge": verdict["result"], "lines": verdict["references"]}, out


def read_idx(path):
    raw = path.read_bytes()
    axes = raw[3]
    shape = [int.from_bytes(raw[4 + 4 * k:8 + 4 * k], "big") for k in range(axes)]
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * axes).reshape(shape)


def of_styles(program, data, folder, samples, spread):
    """What knowing the styles alone is worth: their mean images, or images drawn from a Gaussian of each style, with its mean and covariance."""
    home = pathlib.Path.home() / ".local/share/swell" / data
    images = read_idx(home / "train-images-idx3-ubyte").reshape(-1, 784).astype(np.float32) / 255
    labels = read_idx(home / "train-labels-idx1-ubyte")
    draws = np.random.default_rng(1)
    made, asked = [], []
    for kind in range(10):
        rows = images[labels == kind]
        centres = rows[draws.choice(len(rows), STYLES, replace=False)]
        for _ in range(40):
            nearest = ((centres**2).sum(1) - 2 * rows @ centres.T).argmin(1)
            centres = np.stack([rows[nearest == s].mean(0) if (nearest == s).any() else centres[s] for s in range(STYLES)])
        for style in draws.choice(STYLES, samples // 10, p=np.bincount(nearest, minlength=STYLES) / len(rows)):
            members = rows[nearest == style] - centres[style]
            # A sum of the members with random weights has their covariance.
            made.append(centres[style] + spread * draws.standard_normal(len(members)) @ members / np.sqrt(len(members)))
            asked.append(kind)
    np.save(folder / "styles.npy", np.clip(np.reshape(made, (-1, 28, 28)), 0, 1).astype(np.float32))
    np.save(folder / "styles-labels.npy", np.array(asked, np.int64))
    subprocess.run([program, "judge", folder / "styles.npy", "--labels", folder / "styles-labels.npy", "--data", data, "--range", "0,1",
                    "--json", folder / "judge.json"], check=True)
    return {"samples": samples, "styles": STYLES, "judge": json.loads((folder / "judge.json").read_text())["result"]}


def measure(program, data, folder, samples, wanted):
    machine = ROOT / "machines" / f"{data}.safetensors"
    few = max(200, samples // 4)

    def shipped():
        figures, out = judged(program, machine, data, folder, samples)
        shutil.copy(out / "grid.png", PICTURES / f"scale-{data}.png")
        return figures

    table = {f"{data}/shipped": shipped, f"{data}/style-gaussians": lambda: of_styles(program, data, folder, samples, 1),
             f"{data}/style-means": lambda: of_styles(program, data, folder, samples, 0)}
    for bits in BITS:
        table[f"{data}/bits-{bits}"] = lambda b=bits: judged(
            program, coarser(machine, folder / "other.safetensors", b), data, folder, few)[0]
    for mobility in MOBILITIES:
        other = dict(mobility=f"{mobility}.0", dt=2.5e-3 / mobility)  # the step must resolve the hidden units
        table[f"{data}/mobility-{mobility}"] = lambda o=other: judged(
            program, redesigned(machine, folder / "other.safetensors", **o), data, folder, few)[0]
    table[f"{data}/not-cooled"] = lambda: judged(
        program, redesigned(machine, folder / "other.safetensors", cool="0.0"), data, folder, few)[0]
    return {name: run for name, run in table.items() if wanted(name)}


def draw(results):
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    for kind, numbers, label in (("bits", BITS, "bits of a shared coupling"), ("mobility", MOBILITIES, "mobility of hidden units / visible units")):
        figure, axes = plt.subplots(figsize=(5, 3.2), dpi=120)
        for data, colour in (("mnist", "#1f5fa8"), ("fashion-mnist", "#b5542a")):
            points = [(n, results[f"{data}/{kind}-{n}"]) for n in numbers if f"{data}/{kind}-{n}" in results]
            if not points:
                continue
            distance = [p["judge"]["frechet_distance"] for _, p in points]
            axes.errorbar([n for n, _ in points], [d["value"] for d in distance], yerr=[d["stderr"] for d in distance], marker="o",
                          color=colour, label=data, capsize=2)
        axes.set_xlabel(label)
        axes.set_ylabel("Fréchet distance")
        axes.set_ylim(bottom=0)
        if kind == "mobility":
            axes.set_xscale("log")
        if axes.get_legend_handles_labels()[0]:
            axes.legend(frameon=False)
        figure.tight_layout()
        figure.savefig(PICTURES / f"scale-{kind}.png")
        plt.close(figure)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build" / "release" / "swell")
    parser.add_argument("--data", nargs="+", default=["mnist", "fashion-mnist"])
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--arithmetic", default="f32", help="of the simulation's products")
    parser.add_argument("--only", nargs="*")
    arguments = parser.parse_args()
    ARITHMETIC[1] = arguments.arithmetic
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    with tempfile.TemporaryDirectory() as temporary:
        for data in arguments.data:
            wanted = lambda name: name in arguments.only if arguments.only else name not in results
            for name, run in measure(arguments.program, data, pathlib.Path(temporary), arguments.samples, wanted).items():
                results[name] = run()
                RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    draw(results)


if __name__ == "__main__":
    main()
