#!/usr/bin/env python3
"""What an installed package must do where there is nothing but NumPy: one thing of each kind, held against what is known.

    python python/smoke.py [--whole]      --whole also demands that all libraries but the system's own come with the package
"""
import importlib.metadata
import json  # noqa: F401 (with what it maps)
import pathlib
import pickle
import sys
import tempfile

import numpy as np


def mapped():
    """Shared libraries in this process."""
    lines = pathlib.Path("/proc/self/maps").read_text().splitlines()
    return {pathlib.Path(line.split(maxsplit=5)[5]) for line in lines if ".so" in line}


OF_PYTHON = mapped()  # its own and NumPy's, and what these need

import swell  # noqa: E402


def check(claim, holds):
    if not holds:
        sys.exit(f"smoke.py: not so: {claim}")


def machines():
    machine = swell.Machine(kT=0.8).group("x", 200, J2=1.0)
    settle = swell.Protocol().segment("s", 10.0)
    run = swell.run(machine, settle, trajectories=200, dt=0.02, integrator="leimkuhler-matthews", course=0.5)
    # 40,000 values of variance 0.4: deviation of the estimate 0.0028, six of them.
    check("harmonic units have the variance kT / (2 J2)", abs(run.states.array.var() - 0.4) < 0.017)
    check("change of V = work - heat", run.first_law < 1e-9)
    check("views outlive the run", (lambda heat: heat.shape == (200, 1))(swell.run(machine, settle, trajectories=200, dt=0.02).heat))
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "film.npy"
        run = swell.run(machine, settle, dt=0.02, snapshots=1.0, snapshots_to=file)
        check("snapshots go to a file", np.load(file).shape == run.snapshots.array.shape == (11, 1, 200))
    check("a pickle is the machine", pickle.loads(pickle.dumps(machine)).energy(np.ones(200)) == 200)


def programs():
    A = np.array([[2.0, 0.5], [0.5, 1.0]])
    answer = swell.linalg.solve(A, [1.0, 0.0], seed=1)
    low, high = answer.interval(0.999999)
    x = np.linalg.solve(A, [1.0, 0.0])
    check("linear algebra is right within its error", ((low < x) & (x < high)).all())
    model = swell.Ising.lattice(6, 6, 1.0)
    check("the ferromagnet's ground state is found", swell.ground_state(model, runs=2, sweeps=100).energy == -72)
    check("the tour of a square is its outline", swell.route.tour([[0, 0], [0, 1], [1, 1], [1, 0]], runs=1).length == 4)
    generator = swell.Generator("whitelam2026").fit(tolerance=0.05)
    samples = generator.sample(3, seed=1)
    check("images come from noise", samples.images.shape == (3, 28, 28) and np.isfinite(samples.images).all())
    with tempfile.TemporaryDirectory() as folder:
        generator.write(pathlib.Path(folder) / "digits.safetensors")
        again = swell.Generator.read(pathlib.Path(folder) / "digits.safetensors").sample(3, seed=1)
    check("a machine file makes the same images", again.images.tobytes() == samples.images.tobytes())
    check("designs come with the package", swell.design("classifier").machine.units == 922)


def errors():
    for call, kind in ((lambda: swell.read("nowhere.toml"), OSError), (lambda: swell.Ising([[1.0]]), ValueError),
                       (lambda: swell.Design("file"), TypeError)):
        try:
            call()
        except kind:
            continue
        check(f"{kind.__name__} is raised", False)


def whole():
    """How many libraries the package brought; all that came with it are there, but the few that manylinux leaves to the system."""
    place = pathlib.Path(swell.__file__).resolve().parents[1]
    system = ("libc.", "libm.", "libdl.", "libpthread.", "librt.", "libresolv.", "ld-linux", "libgcc_s.", "libstdc++.")
    new = [path for path in mapped() - OF_PYTHON if "/lib-dynload/" not in str(path)]
    strange = [str(path) for path in new if not path.is_relative_to(place) and not path.name.startswith(system)]
    check(f"the wheel brings what it needs; mapped from elsewhere: {sorted(strange)}", not strange)
    brought = [path.name for path in new if path.parent.name == "swell.libs"]
    files = {file.name: file for file in importlib.metadata.files("swell") or [] if "third_party" in file.parts}
    check("the licences of its libraries come with it", "libraries.txt" in files)
    licence_of = dict(line.split(": ") for line in files["libraries.txt"].read_text().splitlines())
    for name in brought:
        licence = files.get(licence_of.get(name, ""))
        check(f"the licence of {name} comes with it", licence is not None and len(licence.read_text()) > 200)
    return len(brought)


def main():
    machines()
    programs()
    errors()
    brought = f", {whole()} libraries of its own" if "--whole" in sys.argv[1:] else ""
    extension = pathlib.Path(swell._swell.__file__).name
    print(f"swell {swell.__version__}, {extension}, CPython {sys.version.split()[0]}, NumPy {np.__version__}{brought}: all well")


if __name__ == "__main__":
    main()
