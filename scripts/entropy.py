#!/usr/bin/env python3
"""What bad random bits do to results: the same images, cuts and covariances from good and from deliberately bad sources.

usage: scripts/entropy.py [--program build/release/swell] [--measure] [--images N]

--measure runs everything (minutes; needs the Python package) and writes docs/entropy.json; without it the tables and
plots of docs/entropy_effects.md are made anew from that file.
"""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILE = ROOT / "docs/entropy.json"
PICTURES = ROOT / "docs/pictures"
PAGE = ROOT / "docs/entropy_effects.md"
BEGIN, END = "<!-- scripts/entropy.py -->\n", "<!-- end -->\n"

SOURCES = {
    "generator": "the generator of this page, NumPy's PCG64",
    "biased": "bits that are one 55 times in 100",
    "correlated": "bits that repeat the one before 60 times in 100",
    "periodic": "4096 good bytes over and over",
    "stuck": "good bytes whose lowest bit is always one",
}


def pack(bits):
    return np.packbits(bits).tobytes()


def make(name, size):
    """`size` bytes of a source."""
    rng = np.random.default_rng(20261126)
    if name == "generator":
        return rng.bytes(size)
    if name == "periodic":
        block = rng.bytes(4096)
        return (block * (size // 4096 + 1))[:size]
    if name == "stuck":
        return (np.frombuffer(rng.bytes(size), np.uint8) | 1).tobytes()
    parts, last = [], 0
    for first in range(0, size, 1 << 22):
        draws = rng.random(8 * min(1 << 22, size - first), dtype=np.float32)
        bits = draws < 0.55 if name == "biased" else (np.cumsum(draws < 0.4) + last) & 1
        last = int(bits[-1])
        parts.append(pack(bits.astype(bool)))
    return b"".join(parts)


def giver(data):
    place = [0]

    def give(count):
        part = data[place[0]:place[0] + count]
        place[0] += len(part)
        return part if part else None

    return give


def open_raw(swell, data):
    """As it is, whatever it is: one bit in a hundred is claimed, and no conditioning."""
    return swell.entropy.open(giver(data), bits_per_symbol=1, min_entropy=0.01, conditioning="none")


def covariance(swell, data):
    """Of two coupled cells over 20,000 trajectories: entries over their true values less one, and their errors."""
    drift = np.array([[2.0, 1.0], [1.0, 3.0]])
    system = swell.LinearSystem(drift, 2 * np.eye(2))
    protocol = swell.Protocol().segment("rest", 8.0, 0)
    options = {"dt": 0.5, "integrator": "exact", "trajectories": 20000}
    source = {"seed": 1} if data is None else {"entropy": open_raw(swell, data)}
    x = swell.run(system, protocol, **options, **source).states.array
    truth = np.linalg.inv(drift)
    products = np.einsum("ti,tj->tij", x, x)
    error = products.std(axis=0) / len(x) ** 0.5
    off = (products.mean(axis=0) - truth) / truth
    worst = np.unravel_index(np.argmax(np.abs(off) * np.abs(truth) / error), (2, 2))
    return {"largest_z": float(abs(off[worst]) * abs(truth[worst]) / error[worst]), "off_there": float(off[worst]),
            "mean_z": float(np.abs(x.mean(axis=0) / (x.std(axis=0) / len(x) ** 0.5)).max())}


def cuts(swell, data):
    """p-bits cooled 64 times on a graph of 400 vertices: the cut at the end."""
    rng = np.random.default_rng(7)
    edges = {tuple(sorted(pair)) for pair in rng.integers(0, 400, (1700, 2)).tolist() if pair[0] != pair[1]}
    model = swell.Ising.from_edges(400, sorted(edges), np.full(len(edges), -1.0))
    protocol = swell.Protocol().segment("cool", 300, 0, kT=[(0.0, 3.0), (1.0, 0.2)])
    source = {"seed": 1} if data is None else {"entropy": open_raw(swell, data)}
    run = swell.run(model, protocol, trajectories=64, **source)
    cut = (len(edges) - run.end_energy) / 2
    return {"mean": float(cut.mean()), "stderr": float(cut.std(ddof=1) / 8), "best": float(cut.max())}


def images(program, folder, model, source, data, count):
    words = [program, "generate", model, "-n", str(count), "--film", "0", "-o", str(folder / "out"), "--force", "--quiet"]
    if data is not None:
        (folder / "bytes").write_bytes(data)
        (folder / "raw.toml").write_text('source = "bytes"\nbits_per_symbol = 1\nmin_entropy = 0.01\nconditioning = "none"\n')
        words += ["--entropy", str(folder / "raw.toml")]
    subprocess.run(words, check=False, capture_output=True)
    shutil.copy(folder / "out/grid.png", PICTURES / f"entropy-{source}.png")
    result = json.loads((folder / "out/report.json").read_text())["result"]
    return {"cosine": result["nearest_cosine"], "heat": result["heat"], "class_counts": result["class_counts"]}


def caught(swell, data):
    """Where the health tests stop a source that claims full entropy, and what is assessed of its first 1e6 bits."""
    source = None
    told = {"failure": "", "bytes": None}
    try:
        source = swell.entropy.open(giver(data), bits_per_symbol=1)
        machine, protocol = swell.Machine(kT=1.0).group("x", 1000), swell.Protocol().segment("s", 50.0)
        swell.run(machine, protocol, dt=0.1, trajectories=4, entropy=source)
        told["failure"] = source.status()["failure"]
    except OSError as error:
        told["failure"] = str(error)
    if told["failure"] and source is not None:
        told["bytes"] = source.status()["served_bytes"]
    bits = np.unpackbits(np.frombuffer(data[:125000], np.uint8))
    found = swell.entropy.assess(bits, bits_per_symbol=1)
    told["assessed"] = found["H_assessed"]
    told["lowest"] = min(found["of_symbols"], key=found["of_symbols"].get)
    return told


def measure(program, count):
    sys.path.insert(0, str(ROOT / "build/release/python"))
    import swell

    result = {"images": count, "sources": {}}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        model = str(folder / "digits.safetensors")
        subprocess.run([program, "train", "whitelam2026", "--save", model, "--quiet"], check=True)
        size = count * 1296 * 5000 * 4 + 200_000
        for source in ("seed", *SOURCES):
            data = None if source == "seed" else make(source, size)
            part = data if data is None else data[:60_000_000]
            told = {"covariance": covariance(swell, part), "cut": cuts(swell, part),
                    "images": images(program, folder, model, source, data, count)}
            if data is not None:
                told["health"] = caught(swell, part)
            result["sources"][source] = told
            print(source, json.dumps(told), flush=True)
    FILE.write_text(json.dumps(result, indent=1) + "\n")


def write_page():
    result = json.loads(FILE.read_text())
    lines = ["| source | cosine to the digits | heat of an image, kT | mean cut | covariance: largest deviation |",
             "| --- | --- | --- | --- | --- |"]
    for name, told in result["sources"].items():
        cosine, heat, cut, cov = told["images"]["cosine"], told["images"]["heat"], told["cut"], told["covariance"]
        lines.append(f"| {name} | {cosine['value']:.3f} +- {cosine['stderr']:.3f} | {heat['value']:.0f} +- {heat['stderr']:.0f} | "
                     f"{cut['mean']:.1f} +- {cut['stderr']:.1f} | {100 * cov['off_there']:+.1f} %, {cov['largest_z']:.1f} standard errors |")
    lines += ["", "| source | is | health test that stops it, claiming full entropy | bytes served before | assessed, bits a bit | by |",
              "| --- | --- | --- | --- | --- | --- |"]
    for name, told in result["sources"].items():
        if "health" not in told:
            continue
        health = told["health"]
        test = ("repetition count" if "repetition count" in health["failure"]
                else "adaptive proportion" if "adaptive proportion" in health["failure"] else "none")
        served = 0 if health["bytes"] is None and health["failure"] else health["bytes"]
        lines.append(f"| {name} | {SOURCES[name]} | {test} | {'-' if test == 'none' else served} | {health['assessed']:.3f} | "
                     f"{health['lowest'].replace('_', ' ')} |")
    names = list(result["sources"])
    lines += ["", "| " + " | ".join(names) + " |", "| " + " | ".join("---" for _ in names) + " |",
              "| " + " | ".join(f"![images from {name}](pictures/entropy-{name}.png)" for name in names) + " |"]
    text = PAGE.read_text()
    before, rest = text.split(BEGIN)
    PAGE.write_text(before + BEGIN + "\n".join(lines) + "\n" + END + rest.split(END)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "build/release/swell"))
    parser.add_argument("--measure", action="store_true")
    parser.add_argument("--images", type=int, default=10)
    flags = parser.parse_args()
    if flags.measure:
        measure(flags.program, flags.images)
    write_page()


if __name__ == "__main__":
    main()
