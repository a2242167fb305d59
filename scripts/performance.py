#!/usr/bin/python3
"""Writes docs/performance.md and its pictures from the figures of `swell bench`.

    scripts/performance.py             from docs/performance.json, which is kept in the repository
    scripts/performance.py --measure   measures first, on a quiet machine: about six minutes after the builds

Measuring builds the program, the same without books (build/without_books), the plain loops, and the BLAS step where OpenBLAS is
installed; PyTorch is measured where --torch names a Python that has it. Needs python3-matplotlib. Every figure on the page comes
from the JSON, those of a graphics processor from docs/device.json (scripts/gpu_check.sh).
"""

import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "docs" / "performance.json"
DEVICE = ROOT / "docs" / "device.json"  # of scripts/gpu_check.sh
PAGE = ROOT / "docs" / "performance.md"
PICTURES = ROOT / "docs" / "pictures"
ROUNDS = 5  # paired rounds with and without books


def output(*command):
    return subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout


def machine(build):
    """The processor and compiler, in words."""
    cpu = pathlib.Path("/proc/cpuinfo").read_text()
    find = lambda key: (re.search(rf"^{key}\s*:\s*(.*)$", cpu, re.M) or [None, "unknown"])[1]
    flags = set(find("flags").split())
    caches = {}
    for line in output("lscpu").splitlines():
        if match := re.match(r"\s*(L\d\w*) cache:\s*(.*)", line):
            caches[match[1]] = match[2]
    cache = (build / "CMakeCache.txt").read_text()
    compiler = re.search(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", cache, re.M)[1]
    return {
        "processor": f"{find('model name')}, family {find('cpu family')} model {find('model')}",
        "cores": os.cpu_count(),
        "features": [f for f in ("avx2", "fma", "avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16") if f in flags],
        "caches": caches,
        "compiler": output(compiler, "--version").splitlines()[0],
        "system": " ".join(os.uname()[i] for i in (0, 2)),
    }


def bench(program, *flags):
    return json.loads(output(program, "bench", "--json", "-", *flags))


def build_all():
    without = ROOT / "build" / "without_books"
    for command in (
            ["cmake", "--preset", "release"],
            ["cmake", "--build", "--preset", "release", "--target", "swell_program", "bench/all"],
            ["cmake", "-S", ROOT, "-B", without, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DSWELL_BOOKS=OFF"],
            ["cmake", "--build", without, "--target", "swell_program"]):
        subprocess.run([str(word) for word in command], check=True, cwd=ROOT)
    return ROOT / "build" / "release", without / "swell_without_books"


def books(program, without):
    """The time of a step with books over that without, by case: medians of pairs measured one after the other."""
    ratios = {}
    for _ in range(ROUNDS):
        rates = []
        for each in (program, without):
            found = bench(each, "--threads", "1", "--time", "200ms", "--only", "1296/batch")["cases"]
            rates.append({case["name"]: case["median"] for case in found})
        for name in rates[0]:
            ratios.setdefault(name, []).append(rates[1][name] / rates[0][name])
    return {name: statistics.median(values) for name, values in ratios.items() if "1024" not in name}


def measure(torch, seconds, demo):
    build, without = build_all()
    program = build / "swell"
    results = {"machine": machine(build), "command": "`scripts/performance.py --measure`"}
    results["bench"] = bench(program, "--time", f"{seconds}s")
    results["books"] = books(program, without)
    results["peers"] = []
    if (build / "bench" / "blas_step").exists():
        results["peers"].append(json.loads(output(build / "bench" / "blas_step")))
    if torch:
        for threads in sorted({1, os.cpu_count()}):
            script = ROOT / "bench" / "peers" / "torch_langevin.py"
            results["peers"].append(json.loads(output(torch, script, "--threads", threads)))
    if demo:
        results["published"] = json.loads(output(sys.executable, ROOT / "bench" / "against_published.py", "--build", build))
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


def prefixed(value):
    for prefix in ("", "k", "M", "G"):
        if value < 999.5 or prefix == "G":
            return f"{value:.3g} {prefix}".strip()
        value /= 1000


def table(head, rows):
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows]) + "\n"


def case_of(results, name):
    return next((case for case in results["bench"]["cases"] if case["name"] == name), None)


def ceilings_table(results):
    sizes = [read["bytes"] for read in results["bench"]["ceilings"][0]["reads"]]
    size = lambda b: f"{b >> 10} KiB" if b < 1 << 20 else f"{b >> 20} MiB"
    bf16 = lambda c: [f"{c['bf16_gflops']:.0f}"] if "bf16_gflops" in c else []
    rows = [[str(c["threads"]), f"{c['f32_gflops']:.0f}", *bf16(c), f"{c['f64_gflops']:.0f}", f"{c['normals_per_s'] / 1e9:.2f}",
             *[f"{read['bytes_per_s'] / 1e9:.0f}" for read in c["reads"]]] for c in results["bench"]["ceilings"]]
    named = ["bf16 GFLOP/s"] if bf16(results["bench"]["ceilings"][0]) else []
    return table(["threads", "f32 GFLOP/s", *named, "f64 GFLOP/s", "1e9 normals/s", *[f"GB/s, {size(b)}" for b in sizes]], rows)


def cases_table(results):
    rows = []
    for case in results["bench"]["cases"]:
        unit_steps = prefixed(case["unit_steps_per_s"]) if "unit_steps_per_s" in case else ""
        rows.append([f"`{case['name']}`", f"{prefixed(case['median'])} {case['unit']}", unit_steps, f"{case['gflops']:.1f}",
                     f"{100 * case['spread']:.0f} %", case["bound"], f"{100 * case['share']:.0f} %"])
    return table(["case", "median", "unit-steps/s", "GFLOP/s", "spread", "ceiling", "best as share of it"], rows)


def threads_table(results):
    """How much faster several threads are than one, by case."""
    rows = []
    for case in results["bench"]["cases"]:
        one = case_of(results, re.sub(r"threads\d+$", "threads1", case["name"]))
        if case["threads"] > 1 and one:
            rows.append([f"`{case['name']}`", f"{case['best'] / one['best']:.2f}"])
    return table(["case", "times one thread"], rows) if rows else "One thread only was measured.\n"


def precisions_table(results):
    """Dense steps in each precision, as multiples of those in f32."""
    rows = []
    for case in results["bench"]["cases"]:
        if not case["name"].startswith("dense/") or case["precision"] != "f32":
            continue
        others = [case_of(results, case["name"].replace("/batch", f"/{p}/batch")) for p in ("bf16x3", "bf16")]
        if all(others):
            rows.append([f"`{case['name']}`", prefixed(case["median"]),
                         *[f"{prefixed(o['median'])} ({o['median'] / case['median']:.2f})" for o in others]])
    peak = results["bench"]["ceilings"][0]
    rows.append(["peak of the products, one thread, GFLOP/s", f"{peak['f32_gflops']:.0f}",
                 f"{peak['bf16_gflops'] / 3:.0f} ({peak['bf16_gflops'] / 3 / peak['f32_gflops']:.2f})",
                 f"{peak['bf16_gflops']:.0f} ({peak['bf16_gflops'] / peak['f32_gflops']:.2f})"])
    return table(["case", "f32", "bf16x3 (times f32)", "bf16 (times f32)"], rows)


def peers_table(results):
    rows = []
    for peer in results["peers"]:
        for each in peer["cases"]:
            tail = f"batch{each['batch']}/threads{min(each['threads'], each['batch'])}"
            ours = [case_of(results, f"dense/{each['units']}/{p}{tail}") for p in ("", "bf16/")]
            if all(ours):
                rows.append([peer["peer"], str(each["batch"]), str(each["threads"]), prefixed(each["median"]),
                             *[f"{prefixed(o['median'])} ({o['median'] / each['median']:.1f})" for o in ours]])
    if not rows:
        return "None was installed.\n"
    return table(["peer, in f32", "batch", "threads", "its trajectory-steps/s", "Swell's, f32 (ratio)", "bf16 (ratio)"], rows)


def device_parts():
    """The figures of a graphics processor, each beside its bar or its peer of the same run."""
    if not DEVICE.exists():
        return ["## On a graphics processor", "The cuda engine was never run on a device; its arithmetic is tested on the processor."]
    d = json.loads(DEVICE.read_text())
    checks = [d["draws"], *d["conformance"], *d["rounded"], *d["pbits"]]
    rows = [[f"`{r['name']}`", f"{prefixed(r['trajectory_steps_per_s'])} trajectory-steps/s", prefixed(r["unit_steps_per_s"]),
             f"{r['step_us']:.1f}", f"{r['tflops']:.1f}" if r["name"].startswith("dense") else "",
             f"{100 * r['share_of_peak']:.0f} %" if r["share_of_peak"] else ""] for r in d["rates"]]
    images = "; ".join(f"{i['seconds']:.2f} s in {i['precision']}" for i in d["images"])
    parts = [
        "## On a graphics processor",
        f"{d['device']}, written by `scripts/gpu_check.sh` into [device.json](device.json) in {d['seconds']} s, {d['build_s']} s of which "
        f"built the engines. {sum(c['passed'] for c in checks)} of {len(checks)} checks passed: {d['draws']['draws']} draws have the bits of "
        "the processor's; in f32 the states of dense machines, lattices and graphs have the bytes of the cpu engine under both "
        "integrators, in any batch; they agree with the reference to "
        f"{max(c['state_off_reference'] for c in d['conformance']):.0e}, and the books close the first law to "
        f"{max(c['first_law_off'] for c in d['conformance']):.0e}. The rms error of a force, in units of the rms force, is "
        + ", ".join(f"{r['rms_error_of_a_force']:.1e} in {r['precision']} ({r['units']} units)" for r in d["rounded"][:2]) + ".",
        f"Peaks measured in the same run: {d['peaks']['f32_tflops']:.0f} TFLOP/s of f32 multiply-adds out of registers; tensor cores out of "
        f"shared memory {d['peaks']['tf32_tflops']:.0f} in tf32 and {d['peaks']['bf16_tflops']:.0f} in bf16"
        + (f"; PyTorch's product of two {d['torch']['product']} x {d['torch']['product']} matrices runs at "
           f"{d['torch']['product_tflops']['bf16']:.0f} in bf16" if "torch" in d else "")
        + ". A step is fused, with noise and update; books are taken where the control changes, in each step of the cases named `ramped`.",
        table(["case", "rate", "unit-steps/s", "microseconds a step", "TFLOP/s", "of the peak"], rows),
        "A thousand trajectories of 1296 units with random couplings through the published course of 5000 steps, half of them coupled, "
        f"set-up included: {images}.",
        "p-bits in bits, the same spins as on the processor: "
        + "; ".join(f"`{p['machine']}` with {p['replicas']} replicas {prefixed(p['updates_per_s'])} updates/s, "
                    f"{p['times_two_threads']:.0f} times two threads of that computer" for p in d["pbits"]) + ".",
    ]
    parts.append(
        "What bounds a step on the tensor cores: measured apart on the same kind of card, 4096 trajectories of 1296 units in bf16, the products "
        "alone take 22 microseconds, noise and update alone 31 (twenty rounds of Threefry and a Box-Muller transform without fused sums, about "
        "70 instructions a draw, so that draws have the processor's bits), both together 44, since the tensor cores also take bandwidth of the "
        "registers. Half of the peak would be 29 microseconds: less than the draws take by themselves. The more units, the nearer to the peak.")
    if not any(r["name"].endswith("/averaged") for r in d["rates"]):
        parts.append("Since these figures, steps of Leimkuhler-Matthews are taken together by one launch, as those of Euler-Maruyama were. The "
                     "tests run that on the processor in the device's place; a device has not run it yet.")
    if "torch" in d:
        ours = {r["name"].split("/")[2]: r["trajectory_steps_per_s"] for r in reversed(d["rates"])
                if r["name"].startswith("dense/1296") and r["name"].endswith("batch4096")}
        peers = d["torch"]["trajectory_steps_per_s"]
        parts.append(f"The same step in PyTorch {d['torch']['torch']} ([torch_step.py](../bench/peers/torch_step.py)), which keeps no books, on "
                     "the same device in the same run; 1296 units, 4096 trajectories:")
        parts.append(table(["products", "eager", "compiled", "Swell", "times eager", "times compiled"],
                           [[how, prefixed(peers[f"{how}/eager"]), prefixed(peers[f"{how}/compiled"]), prefixed(ours[how]),
                             f"{ours[how] / peers[f'{how}/eager']:.1f}", f"{ours[how] / peers[f'{how}/compiled']:.1f}"]
                            for how in ("f32", "tf32", "bf16")]))
    return parts


def page(results):
    m = results["machine"]
    parts = [
        "# Performance",
        "Written by `scripts/performance.py` from [performance.json](performance.json). Do not edit. Measured with: "
        f"{results['command']}.",
        f"{m['processor']}; {m['cores']} cores; caches {', '.join(f'{k} {v}' for k, v in m['caches'].items())}; "
        f"{', '.join(m['features'])}; {m['compiler']}; {m['system']}. Kernels: {results['bench']['instruction_set']}.",
        "## What the processor can do at most",
        "Measured in the same run: fused multiply-adds out of registers, the noise alone, reading a buffer of the size.",
        ceilings_table(results),
        "## Figures",
        "Random couplings, f32 states, f32 energies, f64 sums, noise and books included, set-up excluded. `dense/1296/batch64/threads2`: 1296 "
        "units all to all, 64 trajectories, two threads; a lattice and a random graph have twelve neighbours per unit. The ceiling "
        "is the one that takes longest of: multiply-adds of the couplings at the FMA peak, normals at the rate of the noise alone, "
        "bytes (couplings and states, once per step and thread) at the reading rate of a buffer of just that size; in the random "
        "graph, the cache lines with the states of a unit's neighbours, one for up to sixteen trajectories, at the rate of "
        "reading lines of such a buffer in random order (scattered memory). Noise and couplings take turns in the same "
        "arithmetic units, so that a sparse step cannot reach the rate of the noise alone. The share compares the best window with it; spread is the middle half of the windows over their median. An "
        "image is 5000 steps, half of them uncoupled, whose run is timed with its set-up; a product is that of two double "
        "matrices, which learning uses.",
        cases_table(results),
        "![share of the ceiling](pictures/performance-shares.png)",
        "## Precisions", "Trajectory-steps/s, 1296 units all to all.", precisions_table(results),
        "## Cost against the model",
        "Time of a trajectory and step on one thread against the least time of the model, which counts N^2 multiply-adds for N dense "
        "units, one for each direction of an edge, N normals, and so is linear in trajectories and steps. On the dashed line a step "
        "costs exactly its ceiling.",
        "![cost against the model](pictures/performance-cost.png)",
        "## Threads", threads_table(results),
        "## What the books cost",
        "Rate without books over rate with them, medians of paired rounds (a build with `-DSWELL_BOOKS=OFF`, for this only).",
        table(["case", "extra time of the books"], [[f"`{n}`", f"{100 * (r - 1):.1f} %"] for n, r in results["books"].items()]),
        "## Peers",
        "1296 units all to all. PyTorch in place ([torch_langevin.py](../bench/peers/torch_langevin.py)) and a BLAS matrix-vector "
        "product ([blas_step.cc](../bench/peers/blas_step.cc), which adds no noise) keep no books.",
        peers_table(results),
    ]
    if published := results.get("published"):
        parts += ["## Against the published loops",
                  f"100 updates of training and 100 images as plain loops: {published['plain_loops_total_s']:.0f} s; "
                  f"`swell demo`, exact training ({published['swell_training_s']:.2f} s) and 100 images "
                  f"({published['swell_100_images_s']:.2f} s): {published['ratio_median_of_pairs']:.0f} times faster."]
    parts += device_parts()
    PAGE.write_text("\n\n".join(part.strip() for part in parts) + "\n")


def plot(results):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    cases = results["bench"]["cases"]
    figure, axis = pyplot.subplots(figsize=(6.4, 4.8), constrained_layout=True)
    markers = {"uncoupled": "x", "dense": "o", "lattice": "s", "graph": "^"}
    for kind, marker in markers.items():
        some = [c for c in cases if c["name"].startswith(kind) and c["threads"] == 1]
        axis.loglog([1e6 * max(c["least_s"].values()) for c in some], [1e6 / c["median"] for c in some], marker, label=kind,
                    markerfacecolor="none")
    ends = axis.get_xlim()
    axis.loglog(ends, ends, "--", color="gray", label="its ceiling")
    axis.set(xlabel="model: least microseconds per trajectory and step", ylabel="measured microseconds, one thread")
    axis.legend()
    figure.savefig(PICTURES / "performance-cost.png", dpi=110)

    figure, axis = pyplot.subplots(figsize=(8, 0.21 * len(cases) + 1), constrained_layout=True)
    colours = {"arithmetic": "tab:blue", "noise": "tab:orange", "memory": "tab:green", "scattered memory": "tab:olive"}
    axis.barh([c["name"] for c in cases], [100 * c["share"] for c in cases], color=[colours[c["bound"]] for c in cases])
    axis.invert_yaxis()
    axis.tick_params(labelsize=7)
    axis.axvline(100, color="gray", linestyle="--")
    axis.set(xlabel="best window as share of the ceiling, %")
    axis.legend([pyplot.Rectangle((0, 0), 1, 1, color=c) for c in colours.values()], colours.keys(), loc="lower right")
    figure.savefig(PICTURES / "performance-shares.png", dpi=110)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measure", action="store_true", help="build and measure first")
    parser.add_argument("--torch", help="a Python that has PyTorch, to measure it as a peer")
    parser.add_argument("--seconds", type=float, default=1.0, help="measured time per case of swell bench")
    parser.add_argument("--no-published", action="store_true", help="leave out the comparison with the plain loops")
    arguments = parser.parse_args()
    if arguments.measure:
        measure(arguments.torch, arguments.seconds, not arguments.no_published)
    if not RESULTS.exists():
        raise SystemExit(f"performance.py: there is no {RESULTS.relative_to(ROOT)}; run scripts/performance.py --measure first")
    results = json.loads(RESULTS.read_text())
    PICTURES.mkdir(parents=True, exist_ok=True)
    plot(results)
    page(results)


if __name__ == "__main__":
    main()
