#!/usr/bin/env python3
"""The Langevin step of 1296 units coupled all to all in PyTorch, in place, in single precision: the peer of `swell bench`.

    apt install python3-torch, or python3 -m venv peers && peers/bin/pip install torch numpy
    python3 bench/peers/torch_langevin.py [--units 1296] [--batch 1 64 1024] [--threads 1] [--seconds 1]

The step is x += mu dt F(x) + sqrt(2 mu kT dt) R with F = -(2 J2 x + 4 J4 x^3 + J x), nothing allocated and no books kept.
Prints one JSON object: for each batch the median and the best rate in trajectory-steps/s.
"""

import argparse
import json
import math
import os
import statistics
import time


def measure(torch, units, batch, seconds):
    """Rates of windows of steps, in trajectory-steps/s."""
    torch.manual_seed(1)
    couplings = torch.randn(units, units) * 0.25 / math.sqrt(units)
    couplings = (couplings + couplings.T).fill_diagonal_(0)
    x, force, noise, cube = (torch.zeros(batch, units) for _ in range(4))
    dt, J2, J4, kT = 1e-3, 0.5, 0.5, 1.0
    root = math.sqrt(2 * kT * dt)

    def step():
        torch.mm(x, couplings, out=force)
        torch.mul(x, x, out=cube)
        cube.mul_(x)
        force.add_(x, alpha=2 * J2).add_(cube, alpha=4 * J4)
        noise.normal_()
        x.sub_(force, alpha=dt).add_(noise, alpha=root)

    for _ in range(3):
        step()
    start = time.perf_counter()
    step()
    steps = max(1, int(seconds / 9 / (time.perf_counter() - start)))
    rates = []
    for _ in range(9):
        start = time.perf_counter()
        for _ in range(steps):
            step()
        rates.append(batch * steps / (time.perf_counter() - start))
    if not torch.isfinite(x).all():
        raise SystemExit("torch_langevin.py: the state diverged")
    return rates


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=1296)
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 64, 1024])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1)
    arguments = parser.parse_args()
    # Its BLAS has threads of its own, counted when it is loaded.
    os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(arguments.threads)
    import torch

    torch.set_num_threads(arguments.threads)
    cases = []
    with torch.inference_mode():
        for batch in arguments.batch:
            rates = measure(torch, arguments.units, batch, arguments.seconds)
            cases.append({"units": arguments.units, "batch": batch, "threads": arguments.threads,
                          "unit": "trajectory-steps/s", "median": statistics.median(rates), "best": max(rates)})
    print(json.dumps({"peer": f"PyTorch {torch.__version__}, in place", "cases": cases}, indent=1))


if __name__ == "__main__":
    main()
