#!/usr/bin/env python3
"""Bayesian linear regression by a fluctuating machine: Hubble's line of 1929, with credible bands.

usage: regression.py [--program swell] [--picture hubble.png]     needs numpy and matplotlib

The posterior of intercept and slope is a Gaussian with precision matrix P and information vector P mean (matrices.py).
The machine is programmed with these two alone; its equilibrium samples are draws of the posterior. The closed form is
computed here for comparison.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

FOLDER = pathlib.Path(__file__).parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(FOLDER))
import matrices

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--program", default="swell")
parser.add_argument("--picture", default="hubble.png")
options = parser.parse_args()

with tempfile.TemporaryDirectory() as out:
    subprocess.run([options.program, "gaussian", "--precision", FOLDER / "hubble.mtx", "--information",
                    FOLDER / "hubble_information.mtx", "-n", "20000", "--device", "exact", "-o", out], check=True)
    samples = np.load(f"{out}/samples.npy")

precision, information = map(np.array, matrices.hubble())
mean, covariance = np.linalg.solve(precision, information), np.linalg.inv(precision)
for k, name in enumerate(("intercept, km/s", "slope, km/s/Mpc")):
    print(f"{name}: {samples[:, k].mean():.1f} +- {samples[:, k].std():.1f} by fluctuations, "
          f"{mean[k]:.1f} +- {covariance[k, k] ** 0.5:.1f} in closed form")

x = np.linspace(0, 2.1, 60)
features = np.stack([np.ones_like(x), x])
lines = samples @ features
center = mean @ features
width = np.sqrt(np.einsum("ik,ij,jk->k", features, covariance, features))
distance, velocity = np.array(matrices.HUBBLE).T
figure, plot = plt.subplots(figsize=(5.4, 3.6))
plot.fill_between(x, *np.percentile(lines, [2.5, 97.5], axis=0), color="#2a78b8", alpha=0.2, lw=0, label="95 %, fluctuations")
plot.fill_between(x, *np.percentile(lines, [16, 84], axis=0), color="#2a78b8", alpha=0.35, lw=0, label="68 %, fluctuations")
for factor, style in ((0, "-"), (1.96, "--")):
    for sign in {1, -1} if factor else {1}:
        plot.plot(x, center + sign * factor * width, style, color="#1c2733", lw=1,
                  label=None if sign < 0 else "closed form" if factor == 0 else "95 %, closed form")
plot.plot(distance, velocity, "o", color="#c8553d", ms=4, label="24 nebulae, 1929")
plot.set_xlabel("distance, Mpc")
plot.set_ylabel("velocity, km/s")
for side in ("top", "right"):
    plot.spines[side].set_visible(False)
plot.legend(frameon=False, fontsize=8)
figure.tight_layout()
figure.savefig(options.picture, dpi=130)
