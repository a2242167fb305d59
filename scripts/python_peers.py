#!/usr/bin/env python3
"""Writes docs/python_peers.md: the package beside what researchers use for the same from Python, in one run on one machine.

    python3 -m venv peers && peers/bin/pip install . numpy torch torchsde 'jax[cpu]' diffrax thermox dwave-samplers openjij
    peers/bin/python scripts/python_peers.py --measure G22.txt     some 45 minutes, on a quiet machine; G22 is of the Gset
    peers/bin/python scripts/python_peers.py --only-target --measure G22.txt     times to a cut alone, added to what is there
    python3 scripts/python_peers.py                                the page alone, from docs/python_peers.json

Each contestant runs in a process of its own with --threads threads (2). A round has every contestant once, one after the other,
so that what else the machine does falls on all alike; the page has medians over rounds. What is not installed is left out.
"""
import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS, PAGE = ROOT / "docs" / "python_peers.json", ROOT / "docs" / "python_peers.md"
UNITS, TRAJECTORIES, DT, J2, J4, KT = 1296, 64, 1e-3, 0.5, 0.5, 1.0
SIZE, CONDITION, SAMPLES = 256, 10.0, 1000
BEST_KNOWN = 13359  # of G22: U. Benlic, J.-K. Hao, Eng. Appl. Artif. Intell. 26, 1162 (2013)


# Langevin: x += -dt V'(x) + sqrt(2 kT dt) R, V = sum J2 x^2 + J4 x^4 + sum_{i<j} J_ij x_i x_j, from x = 0, single precision.

def couplings():
    import numpy as np

    J = np.random.default_rng(1).normal(size=(UNITS, UNITS)) * 0.25 / UNITS**0.5
    J = J + J.T
    np.fill_diagonal(J, 0)
    return J.astype(np.float32)


def rate(steps, call):
    """Trajectory-steps/s of a call that was made once before, and <x^2> at its end, over units and trajectories."""
    call()
    start = time.perf_counter()
    x = call()
    return {"rate": TRAJECTORIES * steps / (time.perf_counter() - start), "steps": steps, "square": float((x**2).mean())}


def langevin_swell(steps, threads):
    import swell

    machine = swell.Machine(kT=KT).group("x", UNITS, J2=J2, J4=J4)
    machine.couplings("J").couple("x", "x", couplings())
    protocol = swell.Protocol().segment("s", steps * DT, "J")
    return rate(steps, lambda: swell.run(machine, protocol, trajectories=TRAJECTORIES, dt=DT, threads=threads, seed=1).states.array)


def torch_step(torch):
    J, scale = torch.from_numpy(couplings()), (2 * KT * DT) ** 0.5

    def step(x, noise):
        return x - DT * (x @ J + (2 * J2) * x + (4 * J4) * x * x * x) + scale * noise

    return step


def torch_run(torch, step, steps):
    def call():
        x = torch.zeros(TRAJECTORIES, UNITS)
        with torch.inference_mode():
            for _ in range(steps):
                x = step(x, torch.randn(TRAJECTORIES, UNITS))
        return x.numpy()

    return rate(steps, call)


def with_torch(threads):
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(1)
    return torch


def langevin_torch_eager(steps, threads):
    torch = with_torch(threads)
    return torch_run(torch, torch_step(torch), steps)


def langevin_torch_in_place(steps, threads):
    """The fastest that is known to us to write by hand: nothing is allocated."""
    torch = with_torch(threads)
    J, scale = torch.from_numpy(couplings()), (2 * KT * DT) ** 0.5

    def call():
        x, force, noise, cube = (torch.zeros(TRAJECTORIES, UNITS) for _ in range(4))
        with torch.inference_mode():
            for _ in range(steps):
                torch.mm(x, J, out=force)
                torch.mul(x, x, out=cube).mul_(x)
                force.add_(x, alpha=2 * J2).add_(cube, alpha=4 * J4)
                noise.normal_()
                x.sub_(force, alpha=DT).add_(noise, alpha=scale)
        return x.numpy()

    return rate(steps, call)


def langevin_torch_compile(steps, threads):
    torch = with_torch(threads)
    return torch_run(torch, torch.compile(torch_step(torch)), steps)


def langevin_torchsde(steps, threads):
    torch = with_torch(threads)
    import torchsde

    J, scale = torch.from_numpy(couplings()), (2 * KT) ** 0.5

    class Network(torch.nn.Module):
        noise_type, sde_type = "diagonal", "ito"

        def f(self, t, x):
            return -(x @ J + (2 * J2) * x + (4 * J4) * x * x * x)

        def g(self, t, x):
            return torch.full_like(x, scale)

    network = Network()

    def call():
        with torch.inference_mode():
            times = torch.tensor([0.0, steps * DT])
            return torchsde.sdeint(network, torch.zeros(TRAJECTORIES, UNITS), times, method="euler", dt=DT)[-1].numpy()

    return rate(steps, call)


def langevin_diffrax(steps, threads):
    import diffrax
    import jax
    import jax.numpy as jnp
    import lineax
    import numpy as np

    J, scale = jnp.asarray(couplings()), (2 * KT) ** 0.5
    shape = jax.ShapeDtypeStruct((TRAJECTORIES, UNITS), jnp.float32)

    @jax.jit
    def solve(key):
        path = diffrax.UnsafeBrownianPath(shape=shape, key=key)
        drift = diffrax.ODETerm(lambda t, x, args: -(x @ J + (2 * J2) * x + (4 * J4) * x * x * x))
        noise = diffrax.ControlTerm(lambda t, x, args: lineax.DiagonalLinearOperator(jnp.full_like(x, scale)), path)
        done = diffrax.diffeqsolve(diffrax.MultiTerm(drift, noise), diffrax.Euler(), 0.0, steps * DT, DT,
                                   jnp.zeros((TRAJECTORIES, UNITS), jnp.float32), adjoint=diffrax.DirectAdjoint(),
                                   max_steps=steps + 8)
        return done.ys[-1]

    return rate(steps, lambda: np.asarray(solve(jax.random.PRNGKey(1))))


def langevin_jax(steps, threads):
    """A loop by hand, jax.lax.fori_loop, compiled whole."""
    import jax
    import jax.numpy as jnp
    import numpy as np

    J, scale = jnp.asarray(couplings()), (2 * KT * DT) ** 0.5

    @jax.jit
    def run(key):
        def step(k, x):
            noise = jax.random.normal(jax.random.fold_in(key, k), x.shape, x.dtype)
            return x - DT * (x @ J + (2 * J2) * x + (4 * J4) * x * x * x) + scale * noise

        return jax.lax.fori_loop(0, steps, step, jnp.zeros((TRAJECTORIES, UNITS), jnp.float32))

    return rate(steps, lambda: np.asarray(run(jax.random.PRNGKey(1))))


LANGEVIN = {  # steps: a second or so each
    "swell.run": (langevin_swell, 2000), "PyTorch, eager": (langevin_torch_eager, 500),
    "PyTorch, in place": (langevin_torch_in_place, 500), "PyTorch, torch.compile": (langevin_torch_compile, 500),
    "torchsde, Euler": (langevin_torchsde, 100), "JAX, by hand": (langevin_jax, 300), "diffrax, Euler": (langevin_diffrax, 300)}


# Linear algebra by fluctuations: a time and the error that is reached in it.

def matrix(seed):
    import numpy as np

    rng = np.random.default_rng(seed)
    basis, _ = np.linalg.qr(rng.normal(size=(SIZE, SIZE)))
    A = (basis * np.geomspace(1 / CONDITION, 1, SIZE)) @ basis.T
    return (A + A.T) / 2, rng.normal(size=SIZE)


def problem(kind, seed):
    import numpy as np

    A, b = matrix(seed)
    start = time.perf_counter()
    exact = np.linalg.solve(A, b) if kind == "solve" else np.linalg.inv(A)
    return A, b, exact, time.perf_counter() - start


def relative(value, exact):
    import numpy as np

    return float(np.linalg.norm(np.asarray(value) - exact) / np.linalg.norm(exact))


def linear_thermox(kind, seed):
    import jax
    import jax.numpy as jnp
    import thermox

    jax.config.update("jax_enable_x64", True)
    A, b, exact, lapack_s = problem(kind, seed)
    of = (jnp.array(A), jnp.array(b)) if kind == "solve" else (jnp.array(A),)
    for key in (0, seed):  # the first call compiles
        start = time.perf_counter()
        value = getattr(thermox.linalg, kind)(*of, SAMPLES, 1.0, 50, jax.random.PRNGKey(key)).block_until_ready()
        seconds = time.perf_counter() - start
    return {"seconds": seconds, "error": relative(value, exact), "lapack_s": lapack_s}


def linear_swell(kind, seed, tolerance, threads):
    import swell

    A, b, exact, _ = problem(kind, seed)
    how = {"tolerance": tolerance, "seed": seed, "threads": threads}
    call = (lambda: swell.linalg.solve(A, b, kT=1.0, **how)) if kind == "solve" else (lambda: swell.linalg.inv(A, **how))
    call()
    start = time.perf_counter()
    answer = call()
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "error": relative(answer.value, exact), "met": answer.met,
            "estimate": relative(answer.value + answer.stderr, answer.value)}


# Max-cut: the best cut of each search of a given wall time.

def graph_of(path):
    words = pathlib.Path(path).read_text().split()
    vertices, edges, rest = int(words[0]), int(words[1]), words[2:]
    return vertices, [(int(rest[3 * k]) - 1, int(rest[3 * k + 1]) - 1, float(rest[3 * k + 2])) for k in range(edges)]


def cut_swell(path, seconds, seed, threads):
    import numpy as np
    import swell

    vertices, edges = graph_of(path)
    ends, weights = np.array([edge[:2] for edge in edges]), np.array([edge[2] for edge in edges])
    model = swell.Ising.from_edges(vertices, ends, -weights)
    start = time.perf_counter()
    spins = swell.ground_state(model, budget=seconds, seed=seed, threads=threads).spins
    took = time.perf_counter() - start
    return {"cut": float(weights[spins[ends[:, 0]] != spins[ends[:, 1]]].sum()), "seconds": took}


def anneal_in_batches(sample, path, seconds, seed):
    """Reads in batches until the time is over; their best cut."""
    vertices, edges = graph_of(path)
    J, h, total = {(a, b): w for a, b, w in edges}, dict.fromkeys(range(vertices), 0.0), sum(w for _, _, w in edges)
    best, reads, batch, start = -float("inf"), 0, 1, time.perf_counter()
    while (left := seconds - (time.perf_counter() - start)) > 0:
        before = time.perf_counter()
        best = max(best, (total - sample(h, J, batch, seed * 100003 + reads)) / 2)
        reads += batch
        each = (time.perf_counter() - before) / batch
        batch = max(1, min(100, int(left / 4 / each)))
    return {"cut": best, "seconds": time.perf_counter() - start, "reads": reads}


def sampler_of(kind, sweeps):
    """sample(h, J, reads, seed) -> lowest energy, of a package."""
    if kind == "dwave":
        from dwave.samplers import SimulatedAnnealingSampler as Sampler
    else:
        from openjij import SASampler as Sampler
    sampler = Sampler()
    return lambda h, J, reads, seed: sampler.sample_ising(h, J, num_reads=reads, num_sweeps=sweeps, seed=seed).first.energy


def cut_peer(kind, path, seconds, seed, sweeps):
    return anneal_in_batches(sampler_of(kind, sweeps), path, seconds, seed)


# The same graph: the time until a cut is reached, at most `limit` seconds.

def target_swell(path, target, limit, seed, threads):
    import numpy as np
    import swell

    vertices, edges = graph_of(path)
    ends, weights = np.array([edge[:2] for edge in edges]), np.array([edge[2] for edge in edges])
    model, lowest = swell.Ising.from_edges(vertices, ends, -weights), float(weights.sum() - 2 * target)
    start = time.perf_counter()
    found = swell.ground_state(model, budget=limit, target=lowest, seed=seed, threads=threads)
    return {"seconds": time.perf_counter() - start, "reached": bool(found.energy <= lowest)}


def reads_to_target(sample, path, target, limit, seed, batch):
    """Reads, `batch` at a time, until one has the cut or the time is over."""
    vertices, edges = graph_of(path)
    J, h, total = {(a, b): w for a, b, w in edges}, dict.fromkeys(range(vertices), 0.0), sum(w for _, _, w in edges)
    reads, reached, start = 0, False, time.perf_counter()
    while not reached and time.perf_counter() - start < limit:
        reached = (total - sample(h, J, batch, seed * 100003 + reads)) / 2 >= target
        reads += batch
    return {"seconds": time.perf_counter() - start, "reached": bool(reached), "reads": reads}


def target_peer(kind, path, target, limit, seed, sweeps):
    return reads_to_target(sampler_of(kind, sweeps), path, target, limit, seed, 1 if sweeps >= 10000 else 4)


def first_of(done):
    """Of processes side by side: when the first had the cut, or, where none had, the least that all of them took."""
    good = [each for each in done if each.get("reached")]
    if good:
        return min(good, key=lambda each: each["seconds"])
    return min(done, key=lambda each: each.get("seconds", float("inf")))


def mean_time(rows):
    """Mean time to the target and how often it was reached: all time that was spent over the number of times that it was
    reached, which searches that ended without it enter rightly where what is left to wait does not depend on what was waited.
    Where it was never reached, the time that was spent, which the mean exceeds."""
    rows = [row for row in rows if "seconds" in row]
    reached = sum(row["reached"] for row in rows)
    return sum(row["seconds"] for row in rows) / max(1, reached), reached, len(rows)


# Measuring

def one(case, threads):
    """A case in a process of its own; None where its packages are not here."""
    environment = os.environ | {name: str(threads) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    command = [sys.executable, __file__, "--threads", str(threads), "--case", json.dumps(case)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def answer(process):
    out, err = process.communicate()
    if process.returncode == 0:
        return json.loads(out.splitlines()[-1])
    why = err.strip().splitlines()[-1] if err.strip() else f"exit code {process.returncode}"
    print(f"  {why}", file=sys.stderr)
    return {"failed": why}


def do(case, threads):
    kind, rest = case[0], case[1:]
    if kind == "langevin":
        call, steps = LANGEVIN[rest[0]]
        return call(steps, threads)
    return {"thermox": linear_thermox, "linear": lambda *a: linear_swell(*a, threads), "swell": lambda *a: cut_swell(*a, threads),
            "peer": cut_peer, "swell to": lambda *a: target_swell(*a, threads), "peer to": target_peer}[kind](*rest)


def machine():
    cpu = pathlib.Path("/proc/cpuinfo").read_text()
    find = lambda key: (re.search(rf"^{key}\s*:\s*(.*)$", cpu, re.M) or [None, "unknown"])[1]
    flags = set(find("flags").split())
    features = [name for name in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if name in flags]
    return f"{find('model name')}, family {find('cpu family')} model {find('model')}, {os.cpu_count()} cores, {', '.join(features)}"


def versions():
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": sys.version.split()[0]}
    for name in ("numpy", "torch", "torchsde", "jax", "diffrax", "thermox", "dwave-samplers", "openjij"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            pass
    return found


PEERS = [(kind, sweeps, f"{name}, {sweeps} sweeps a read")
         for kind, name in (("dwave", "dwave-samplers"), ("openjij", "OpenJij")) for sweeps in (1000, 10000)]


def measure_targets(arguments, say):
    path, threads = str(pathlib.Path(arguments.measure).resolve()), arguments.threads
    times, load = {"swell.ground_state": []}, os.getloadavg()
    for seed in range(1, arguments.target_seeds + 1):
        times["swell.ground_state"].append(answer(one(["swell to", path, arguments.target, arguments.limit, seed], threads)))
        for kind, sweeps, name in PEERS:
            started = [one(["peer to", kind, path, arguments.target, arguments.limit, seed + 1000 * p, sweeps], 1) for p in range(threads)]
            times.setdefault(name, []).append(first_of([answer(each) for each in started]))
        say("target", seed, {name: rows[-1] for name, rows in times.items()})
    return {"target": arguments.target, "limit": arguments.limit, "times": times, "load_before": load, "load_after": os.getloadavg()}


def measure(arguments):
    if arguments.only_target:
        result = json.loads(RESULTS.read_text())
        result["to_target"] = measure_targets(arguments, lambda *words: print(*words, file=sys.stderr))
        return RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    threads, result = arguments.threads, {"machine": machine(), "threads": arguments.threads, "versions": versions(),
                                          "load_before": os.getloadavg(), "rounds": arguments.rounds, "seconds": arguments.seconds}
    say = lambda *words: print(*words, file=sys.stderr)
    result["langevin"] = {name: [] for name in LANGEVIN}
    for k in range(arguments.rounds):
        for name in LANGEVIN:
            result["langevin"][name].append(answer(one(["langevin", name], threads)))
            say("langevin", k + 1, name, result["langevin"][name][-1])
    result["linear"] = {"solve": [], "inv": []}
    for k in range(arguments.rounds):
        for kind, rows in result["linear"].items():
            theirs = answer(one(["thermox", kind, k + 1], threads))
            ours = answer(one(["linear", kind, k + 1, theirs["error"]], threads)) if "error" in theirs else {}
            rows.append({"thermox": theirs, "swell": ours})
            say("linear", k + 1, kind, rows[-1])
    cuts = result["cuts"] = {}
    path = str(pathlib.Path(arguments.measure).resolve())
    for seed in range(1, arguments.seeds + 1):
        cuts.setdefault("swell.ground_state", []).append(answer(one(["swell", path, arguments.seconds, seed], threads)))
        for kind, sweeps, name in PEERS:
            # One thread each: as many processes as threads, with seeds of their own; the best of them counts.
            started = [one(["peer", kind, path, arguments.seconds, seed + 1000 * p, sweeps], 1) for p in range(threads)]
            done = [each for each in map(answer, started)]
            best = max(done, key=lambda each: each.get("cut", -1))
            cuts.setdefault(name, []).append(best | {"reads": sum(each.get("reads", 0) for each in done)})
        say("cuts", seed, {name: rows[-1] for name, rows in cuts.items()})
    result["to_target"] = measure_targets(arguments, say)
    result["load_after"] = os.getloadavg()
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")


# The page

def middle(values):
    return statistics.median(values)


def spread(values):
    return f"{min(values):.3g} to {max(values):.3g}"


def langevin_rows(result):
    good = {name: [row for row in rows if "rate" in row] for name, rows in result["langevin"].items()}
    ours = good["swell.run"]
    for name, rows in good.items():
        if not rows:
            yield f"| {name} | did not run: {result['langevin'][name][0]['failed']} | | | |"
            continue
        ratios = [a["rate"] / b["rate"] for a, b in zip(ours, rows)]
        yield (f"| {name} | {middle([row['rate'] for row in rows]):.3g} | {spread([row['rate'] for row in rows])} | "
               f"{middle(ratios):.2f} | {middle([row['square'] for row in rows]):.3f} |")


def linear_rows(result):
    for kind, rows in result["linear"].items():
        rows = [row for row in rows if "seconds" in row["swell"] and "seconds" in row["thermox"]]
        if not rows:
            continue
        of = lambda who, key: [row[who][key] for row in rows]
        ratios = [a / b for a, b in zip(of("thermox", "seconds"), of("swell", "seconds"))]
        yield (f"| `{kind}` | {middle(of('thermox', 'seconds')):.3g} | {middle(of('thermox', 'error')):.3g} | "
               f"{middle(of('swell', 'seconds')):.3g} | {middle(of('swell', 'error')):.3g} | {middle(ratios):.2f} ({spread(ratios)}) | "
               f"{middle(of('thermox', 'lapack_s')):.2g} |")


def cut_rows(result):
    for name, rows in result["cuts"].items():
        cuts = [row["cut"] for row in rows if "cut" in row]
        if not cuts:
            yield f"| {name} | did not run: {rows[0]['failed']} | | | |"
            continue
        reads = [row["reads"] for row in rows if "reads" in row]
        yield (f"| {name} | {max(cuts):.0f} | {statistics.mean(cuts):.1f} | {min(cuts):.0f} | "
               f"{middle([row['seconds'] for row in rows if 'seconds' in row]):.1f} | {f'{middle(reads):.0f}' if reads else ''} |")


def target_ratios(result):
    """Of each contestant: mean time to the target, times reached, searches, and the ratio to Swell's; None where it did not run."""
    times = result["to_target"]["times"]
    ours = mean_time(times["swell.ground_state"])
    for name, rows in times.items():
        mean, reached, searches = mean_time(rows)
        yield name, mean, reached, searches, mean / ours[0] if searches and ours[1] else None


def target_section(result):
    if "to_target" not in result:
        return ""
    rows, ours = [], mean_time(result["to_target"]["times"]["swell.ground_state"])[1]
    for name, mean, reached, searches, ratio in target_ratios(result):
        above = "above " if not reached else ""
        # The relative variance of a mean of n exponential times is 1 / n.
        error = f" +- {mean * reached**-0.5:.2g}" if reached else ""
        of_ratio = f" +- {ratio * (1 / reached + 1 / ours) ** 0.5:.2f}" if reached and ratio and name != "swell.ground_state" else ""
        quotient = f"{above}{ratio:.2f}{of_ratio}" if ratio else ""
        rows.append(f"| {name} | {above}{mean:.3g}{error} | {reached} of {searches} | {quotient} |" if searches
                    else f"| {name} | did not run | | |")
    to = result["to_target"]
    return f"""
Time until a cut of {to['target']:.0f} is reached, at most {to['limit']:g} s a search: all time that was spent, over the number of times that it was reached, which
is the mean of exponential times (its error is the mean over the root of how often it was reached). Of the processes of a sampler the first to reach it counts; reads come one at a time (10,000 sweeps) or four (1000). The load
average was {to['load_before'][0]:.1f} before and {to['load_after'][0]:.1f} after{busy(to | {'threads': result['threads']})}.

| | mean time, s | reached | its time over Swell's |
| --- | --- | --- | --- |
{chr(10).join(rows)}
"""


def busy(result):
    """A warning where other work shared the processors."""
    if max(result["load_before"][0], result["load_after"][0]) < result["threads"] + 1:
        return ""
    return (": other work shared the processors, which slows down most those contestants that start threads in each step, "
            "and scatters rates by large factors; these ratios are no measurement of a quiet machine")


def verdict(result):
    """Every ratio below 1, or that there is none."""
    behind = []
    ours = [row for row in result["langevin"]["swell.run"] if "rate" in row]
    for name, rows in result["langevin"].items():
        rows = [row for row in rows if "rate" in row]
        if rows and middle([a["rate"] / b["rate"] for a, b in zip(ours, rows)]) < 1:
            behind.append(name)
    for kind, rows in result["linear"].items():
        ratios = [row["thermox"]["seconds"] / row["swell"]["seconds"] for row in rows if "seconds" in row["swell"]]
        if ratios and middle(ratios) < 1:
            behind.append(f"thermox, {kind}")
    if "to_target" in result:
        behind += [f"{name}, time to a cut" for name, _, _, _, ratio in target_ratios(result) if ratio is not None and ratio < 1]
    mean = lambda name: statistics.mean(row["cut"] for row in result["cuts"][name] if "cut" in row)
    for name, rows in result["cuts"].items():
        if any("cut" in row for row in rows) and mean(name) > mean("swell.ground_state"):
            behind.append(name)
    return ("In none of these was the package behind in this run." if not behind else
            f"In this run the package is behind in: {', '.join(behind)}.")


def page(result):
    names = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    load = f"{result['load_before'][0]:.1f} before and {result['load_after'][0]:.1f} after"
    versions_used = names.replace("python ", "CPython ")
    return f"""# The Python package beside its peers

Written by `scripts/python_peers.py` from [python_peers.json](python_peers.json). Do not edit. The script's first lines say how to measure.

{result['machine']}; {result['threads']} threads each; {versions_used}. The load average was {load}, of which the
measurement itself is up to {result['threads']}{busy(result)}. {result['rounds']} rounds with every contestant once; medians, and the range over rounds.

{verdict(result)}

## A Langevin network

{UNITS} units all to all, {TRAJECTORIES} trajectories, single precision: x += -dt V'(x) + sqrt(2 kT dt) R from x = 0, V = sum J2 x^2 + J4 x^4 +
sum of J_ij x_i x_j, J2 = J4 = 1/2, kT = 1, dt = 1e-3, one matrix J for all. `swell.run` keeps heat, work and entropy of each trajectory besides, and its
numbers do not depend on threads; the others advance the state alone. Times are of a second call: compilation is not counted. <x^2> at the end, over units
and trajectories, shows that all compute the same law; runs are of different length (500 to 2000 steps; 100 and 300 where it is slow), so that it still grows.

| | trajectory-steps/s | range | Swell's over it | <x^2> |
| --- | --- | --- | --- | --- |
{chr(10).join(langevin_rows(result))}

## Linear algebra by fluctuations

n = {SIZE}, eigenvalues from {1 / CONDITION:g} to 1 evenly in the logarithm, one matrix and right side for each round, temperature 1. thermox takes {SAMPLES} samples of the exact
Ornstein-Uhlenbeck process at intervals of 1; `swell.linalg` runs (device `overdamped`, its own choice of step and samples) until its own estimate says
that its error is no larger than thermox's true error of that round. Errors: Frobenius, relative, against LAPACK. thermox is given A^-1 b, found by an ordinary solver,
in the drift of `solve`; Swell's machine is built from A and b alone and does not know the answer. At this number of samples an inverse of this size is nearly all noise, in both; LAPACK is what neither beats.

| | thermox, s | its error | Swell, s | its error | time of thermox over Swell's | LAPACK, s |
| --- | --- | --- | --- | --- | --- | --- |
{chr(10).join(linear_rows(result))}

## Max-cut, G22

2000 vertices, 19,990 edges, the largest known cut is {BEST_KNOWN} (U. Benlic, J.-K. Hao, Eng. Appl. Artif. Intell. 26, 1162 (2013)). {result['seconds']:g} s of wall time a
search, {len(result['cuts']['swell.ground_state'])} seeds. The samplers run on one thread, so {result['threads']} processes of each are started with seeds of their own, and their best read counts; reads
of 1000 and of 10,000 sweeps are both shown. Their temperatures are the packages' defaults. Swell cools p-bits, recombines what it found, and uses hops
and tabu search where those do better.

| | best | mean | least | wall time, s | reads |
| --- | --- | --- | --- | --- | --- |
{chr(10).join(cut_rows(result))}
{target_section(result)}"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measure", metavar="G22", help="measure first; the graph as a file")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10, help="of a search for a cut")
    parser.add_argument("--target", type=float, default=13358, help="a cut to reach")
    parser.add_argument("--limit", type=float, default=60, help="s that a search for it may take")
    parser.add_argument("--target-seeds", type=int, default=10)
    parser.add_argument("--only-target", action="store_true", help="measure times to the target alone")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.case:
        return print(json.dumps(do(json.loads(arguments.case), arguments.threads)))
    if arguments.measure:
        measure(arguments)
    PAGE.write_text(page(json.loads(RESULTS.read_text())))


if __name__ == "__main__":
    main()
