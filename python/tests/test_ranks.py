"""Work shared among the processes of an mpi4py communicator: the same bytes for any number of them. Skipped where there is
no mpi4py or no mpirun (scripts/setup.sh --mpi --python)."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

import swell

WORK = """
import hashlib, sys
import numpy as np
import swell
from mpi4py import MPI

comm = MPI.COMM_WORLD if sys.argv[1] == "shared" else None
machine = swell.Machine(kT=1.0).group("x", 20, J2=0.5)
run = swell.run(machine, swell.Protocol().segment("settle", 1.0), trajectories=100, dt=0.01, seed=3, course=0.5,
                snapshots=0.5, snapshots_to=sys.argv[2] + "/shots.npy", comm=comm)
answer = swell.linalg.inv([[2.0, 0.5], [0.5, 1.0]], seed=1, samples=6400, comm=comm)
solved = swell.linalg.solve([[2.0, 0.5], [0.5, 1.0]], [[1.0, 0.0], [2.0, 3.0]], seed=1, samples=640, comm=comm)
generator = swell.Generator().fit(tolerance=0.05, comm=comm)
samples = generator.sample(5, seed=2, comm=comm)
stages = swell.Generator(swell.Design.parse(sys.argv[3], "few")).fit(np.eye(4, 16).reshape(4, 4, 4), [0, 1, 0, 1], updates=60, comm=comm)
told = [stages.curve, run.states["x"], run.heat, run.course.heat.stderr, answer.value, answer.stderr, solved.value, samples.images,
        generator.curve, np.load(sys.argv[2] + "/shots.npy")]
print("told", [hashlib.sha256(np.ascontiguousarray(each).tobytes()).hexdigest()[:16] for each in told])
"""


def mpi():
    """MPI of mpi4py, or the test is skipped."""
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError) as error:  # without the library of MPI it is a RuntimeError
        pytest.skip(f"no mpi4py: {error}")
    return MPI


def job(ranks: int, text: str, *arguments: str) -> subprocess.CompletedProcess:
    launcher = shutil.which("mpirun")
    if launcher is None:
        pytest.skip("no mpirun")
    probe = subprocess.run([sys.executable, "-c", "from mpi4py import MPI"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip("no mpi4py")
    environment = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
                   "OMPI_MCA_rmaps_base_oversubscribe": "1", "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
                   "PYTHONUNBUFFERED": ""}  # a line is written at once
    return subprocess.run([launcher, "-n", str(ranks), sys.executable, "-c", text, *arguments], capture_output=True, text=True,
                          env=environment, timeout=240, check=False)


@pytest.mark.parametrize("ranks", [2, 3])
def test_every_process_has_the_bytes_of_one_alone(ranks: int, few_stages: str, tmp_path: pathlib.Path) -> None:
    job(1, "pass")  # or skip
    design = few_stages.replace("shape = [20]", "shape = [100]")  # more hidden units than one process updates at once
    alone = subprocess.run([sys.executable, "-c", WORK, "alone", str(tmp_path), design], capture_output=True, text=True, check=True)
    done = job(ranks, WORK, "shared", str(tmp_path), design)
    assert done.returncode == 0, done.stderr
    # Lines of several processes may run into each other.
    told = re.findall(r"told \[.*?\]", done.stdout)
    assert len(told) == ranks, done.stdout
    assert set(told) == {alone.stdout.strip()}


def test_an_error_of_one_process_is_raised_by_all() -> None:
    text = """
import swell
from mpi4py import MPI
machine = swell.Machine(kT=1.0).group("x", 2, J4=1.0)
start = [[1e30, 0.0]] * 8 if MPI.COMM_WORLD.rank == 1 else [[0.0, 0.0]] * 8
try:
    swell.run(machine, swell.Protocol().segment("settle", 1.0), trajectories=8, dt=0.01, start=start, comm=MPI.COMM_WORLD)
except swell.Diverged:
    print("diverged")
"""
    done = job(2, text)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["diverged", "diverged"]


def test_what_is_no_communicator_is_refused() -> None:
    mpi()
    machine = swell.Machine(kT=1.0).group("x", 2, J2=0.5)
    with pytest.raises(TypeError, match="comm cannot be 3; a communicator of mpi4py is"):
        swell.run(machine, swell.Protocol().segment("settle", 1.0), comm=3)


def test_work_that_is_not_shared_is_refused() -> None:
    comm = mpi().COMM_SELF
    with pytest.raises(ValueError, match="comm is not shared by logdet"):
        swell.linalg.logdet(np.eye(2), comm=comm)
    with pytest.raises(ValueError, match="comm shares training by method exact or score"):
        swell.Generator().fit(method="gradient", updates=1, comm=comm)
