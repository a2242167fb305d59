#!/usr/bin/env python3
"""Jobs with a rank killed at a random moment: each goes on from its checkpoint, to the bytes of one process.

    scripts/mpi_kills.py [--jobs N] [--program FILE] [--seed N]

A tiny machine is trained, and a run of it made by one process. Then N times: a job of 2, 3 or 4 ranks begins the same run with a
checkpoint, one of its ranks gets SIGKILL after a random time, and other numbers of ranks go on until a job ends by itself (after
three kills none is killed any more). Exit code 1 where the bytes of states, ledger and snapshots ever differ. Needs mpirun.
"""
import argparse
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
DESIGN = """name = "tiny"
kT = 0.1
dt = 0.01
[[group]]
name = "visible"
shape = [4, 4]
J2 = 1.0
J4 = 1.0
pattern = "ones"
[[group]]
name = "hidden"
shape = [6]
J2 = 1.0
J4 = 1.0
pattern = "ones"
[[coupling]]
between = ["visible", "hidden"]
edges = [[0, 0, 0.3], [5, 1, -0.4], [9, 4, 0.5], [15, 5, 0.2]]
[[protocol.busy]]
duration = 2.0
drive = { visible = [[0.0, 0.0], [1.0, 2.0]] }
[[protocol.busy]]
duration = 2.0
couplings = "learned"
kT = [[0.0, 0.3], [0.5, 0.05], [1.0, 0.2]]
"""
FILES = ("states.npy", "ledger.npy", "snapshots.npy")


def ranks_of(launcher, program):
    """The processes of the program that the launcher has started; not those that are still copies of the launcher."""
    found = []
    for children in pathlib.Path(f"/proc/{launcher}/task").glob("*/children"):
        try:
            found += [int(word) for word in children.read_text().split() if os.readlink(f"/proc/{word}/exe") == program]
        except OSError:
            pass
    return sorted(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--jobs", type=int, default=100)
    parser.add_argument("--program", default=str(ROOT / "build/release/swell"))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    env = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1", OMPI_MCA_rmaps_base_oversubscribe="1")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="swell-kills-"))
    (folder / "tiny.toml").write_text(DESIGN)
    run = [options.program, "run", "tiny.toml", "--protocol", "busy", "-n", "12000", "--snapshots", "0.5", "--trajectories", "40",
           "--threads", "1", "-q"]
    start = time.monotonic()
    subprocess.run([*run, "-o", "alone"], cwd=folder, check=True)
    longest = 1 + time.monotonic() - start
    wanted = [(folder / "alone" / name).read_bytes() for name in FILES]
    kills = sentences = wrong = hung = 0
    for job in range(options.jobs):
        for attempt in range(100):
            ranks = draw.choice((2, 3, 4))
            process = subprocess.Popen(["mpirun", "-q", "-n", str(ranks), *run, "-o", "shared", "--checkpoint", "saved", "--every", "0.05s"],
                                       cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            if attempt < 3:
                time.sleep(draw.uniform(0.1, longest))
                alive = ranks_of(process.pid, os.path.realpath(options.program))
                if alive:
                    os.kill(draw.choice(alive), signal.SIGKILL)
            try:
                said = process.communicate(timeout=60)[1]
            except subprocess.TimeoutExpired:
                process.kill()
                said = process.communicate()[1]
                hung += 1
            sentences += said.count("swell: ")
            if process.returncode == 0:
                break
            kills += 1
        if any((folder / "shared" / name).read_bytes() != bytes for name, bytes in zip(FILES, wanted)):
            wrong += 1
        if (folder / "saved").exists():
            print(f"job {job}: the checkpoint is still there")
            wrong += 1
        shutil.rmtree(folder / "shared", ignore_errors=True)
        print(f"\r{job + 1} jobs, {kills} of their attempts had a rank killed, {job + 1 - wrong} of {job + 1} ended with the bytes of one process; "
              f"{sentences} sentences of the program itself, {hung} launchers that did not end", end="", flush=True)
    print()
    shutil.rmtree(folder)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
