#!/usr/bin/env python3
"""The same Langevin step in PyTorch on a device, and the rate of its matrix product: one JSON document.

usage: torch_step.py [FILE]

1296 units all to all, 4096 trajectories, quartic units; x' = x - mu dt dV/dx + sqrt(2 mu kT dt) R, without books. Eagerly and
compiled, in f32, tf32 and bf16 products. The product's rate is that of 8192 x 8192 x 8192, on numbers at random.
"""
import json
import sys
import time

import torch

UNITS, BATCH, DT, STEPS = 1296, 4096, 1e-3, 200
PRODUCT = 8192


def seconds_of(work, repeats):
    """The median of the times of one call, by the device's own clock."""
    times = []
    for _ in range(repeats):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        work()
        end.record()
        end.synchronize()
        times.append(1e-3 * start.elapsed_time(end))
    return sorted(times)[len(times) // 2]


def product_tflops(dtype, tf32):
    torch.backends.cuda.matmul.allow_tf32 = tf32
    a, b = (torch.randn(PRODUCT, PRODUCT, device="cuda", dtype=dtype) for _ in range(2))
    for _ in range(3):
        a @ b
    torch.cuda.synchronize()
    return 2e-12 * PRODUCT**3 / seconds_of(lambda: a @ b, 10)


def step_rate(how, compiled):
    torch.backends.cuda.matmul.allow_tf32 = how == "tf32"
    operand = torch.bfloat16 if how == "bf16" else torch.float32
    J = torch.randn(UNITS, UNITS, device="cuda") * (0.5 / UNITS**0.5)
    J = (0.5 * (J + J.T)).to(operand)
    J2 = torch.full((UNITS,), 0.5, device="cuda")
    J4 = torch.full((UNITS,), 0.5, device="cuda")
    amplitude = (2 * DT) ** 0.5

    def step(x):
        field = (x.to(operand) @ J).float()
        gradient = x * (2 * J2 + x * x * (4 * J4)) + field
        return x - DT * gradient + amplitude * torch.randn_like(x)

    advance = torch.compile(step) if compiled else step

    def many():
        x = torch.zeros(BATCH, UNITS, device="cuda")
        for _ in range(STEPS):
            x = advance(x)
        return x

    many()
    torch.cuda.synchronize()
    return BATCH * STEPS / seconds_of(many, 5)


def main(arguments):
    started = time.time()
    result = {"torch": torch.__version__, "device": torch.cuda.get_device_name(), "product": PRODUCT}
    result["product_tflops"] = {"f32": product_tflops(torch.float32, False), "tf32": product_tflops(torch.float32, True),
                                "bf16": product_tflops(torch.bfloat16, False)}
    result["trajectory_steps_per_s"] = {}
    for how in ("f32", "tf32", "bf16"):
        for compiled in (False, True):
            name = f"{how}/{'compiled' if compiled else 'eager'}"
            result["trajectory_steps_per_s"][name] = step_rate(how, compiled)
    result["seconds"] = time.time() - started
    text = json.dumps(result, indent=2)
    if arguments:
        with open(arguments[0], "w", encoding="utf-8") as file:
            file.write(text + "\n")
    print(text)


if __name__ == "__main__":
    main(sys.argv[1:])
