#!/usr/bin/env python3
"""Linear algebra by fluctuations in thermox (JAX) and in Swell: the same matrices, the same error, in one run.

    python3 -m venv peers && peers/bin/pip install thermox jax
    peers/bin/python bench/peers/thermox_linear.py [--program build/release/swell] [--sizes 64 256 1024]

Wishart matrix of 50 unknowns and 100 degrees of freedom, A = W W^T / 100: errors at 1e4 and 1e5 samples, Frobenius norms,
temperature 1. Then solves at condition 10: thermox takes 1000 samples (its time is that of a second call, without
compilation); Swell runs until its own estimate says that its error is no larger. thermox puts A^-1 b, found by an
ordinary solver, into its drift; Swell's drift is built from A and b alone. Prints one JSON object.
"""
import argparse
import json
import subprocess
import tempfile
import time

import jax
import jax.numpy as jnp
import numpy as np
import thermox

jax.config.update("jax_enable_x64", True)


def swell(program, *arguments):
    done = subprocess.run([program, *arguments, "--json", "-"], capture_output=True, text=True)
    if done.returncode not in (0, 5):
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def wishart(program, folder, rng):
    w = rng.normal(size=(50, 100))
    a, b = w @ w.T / 100, rng.normal(size=50)
    np.save(f"{folder}/a.npy", (a + a.T) / 2)
    np.save(f"{folder}/b.npy", b)
    truth = {"solve": np.linalg.solve(a, b), "inv": np.linalg.inv(a), "expm": np.array(jax.scipy.linalg.expm(-jnp.array(a)))}
    rows = []
    for samples in (10_000, 100_000):
        peer = {"solve": thermox.linalg.solve(jnp.array(a), jnp.array(b), samples),
                "inv": thermox.linalg.inv(jnp.array(a), samples), "expm": thermox.linalg.expnegm(jnp.array(a), samples)}
        for kind in ("solve", "inv", "expm"):
            files = [f"{folder}/a.npy"] + ([f"{folder}/b.npy", "--kT", "1"] if kind == "solve" else [])
            own = swell(program, kind, *files, "-n", str(samples), "--device", "exact", "--interval", "4")
            rows.append({"kind": kind, "samples": samples,
                         "thermox_error": float(np.linalg.norm(np.array(peer[kind]) - truth[kind])),
                         "swell_error": own["references"][0]["true_error"], "swell_standard_error": own["result"]["answer"]["error"]["norm"]})
    return rows


def solves(program, folder, sizes, rng):
    rows = []
    for d in sizes:
        basis, _ = np.linalg.qr(rng.normal(size=(d, d)))
        a = (basis * np.geomspace(0.1, 1, d)) @ basis.T
        a, b = (a + a.T) / 2, rng.normal(size=d)
        np.save(f"{folder}/a.npy", a)
        np.save(f"{folder}/b.npy", b)
        truth = np.linalg.solve(a, b)
        seconds, errors = [], []
        for seed in range(2):
            start = time.perf_counter()
            x = np.array(thermox.linalg.solve(jnp.array(a), jnp.array(b), 1000, 1.0, 50, jax.random.PRNGKey(seed)))
            seconds.append(time.perf_counter() - start)
            errors.append(float(np.linalg.norm(x - truth) / np.linalg.norm(truth)))
        kT = str(1.0)
        own = min((swell(program, "solve", f"{folder}/a.npy", f"{folder}/b.npy", "--kT", kT, "--tolerance", str(errors[1]))
                   for _ in range(3)), key=lambda report: report["bill"]["simulation"]["wall_s"])
        rows.append({"d": d, "thermox_s": seconds[1], "thermox_first_call_s": seconds[0], "thermox_relative_error": errors[1],
                     "swell_s": own["bill"]["simulation"]["wall_s"], "swell_relative_error": own["references"][0]["true_relative_error"],
                     "swell_estimated_error": own["result"]["answer"]["error"]["relative"], "cholesky_s": own["bill"]["digital"]["wall_s"],
                     "ratio": seconds[1] / own["bill"]["simulation"]["wall_s"]})
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default="build/release/swell")
    parser.add_argument("--sizes", type=int, nargs="+", default=[64, 256, 1024])
    options = parser.parse_args()
    rng = np.random.default_rng(3)
    with tempfile.TemporaryDirectory() as folder:
        result = {"thermox": getattr(thermox, "__version__", "unknown"), "jax": jax.__version__,
                  "wishart": wishart(options.program, folder, rng), "solve": solves(options.program, folder, options.sizes, rng)}
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
