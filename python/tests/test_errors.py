"""What docstrings say goes wrong does so, in a sentence."""
import pathlib
import re

import numpy as np
import pytest
import swell

MACHINE = swell.Machine().group("x", 3).couplings("J").bias("x", 0.1)
ISING = swell.Ising.lattice(3, 3, 1.0)
NONE = {"samples": 64}


@pytest.mark.parametrize("call, words", [
    (lambda: swell.design("whitelam2026").patterns(np.zeros((1, 3, 3))), "784 units"), (lambda: swell.Generator().write("x"), "not trained"),
    (lambda: swell.Generator().sample(1), "not trained"), (lambda: ISING.energy([2] * 9), r"\+1 and -1"), (lambda: ISING.energy([1] * 8), "8 spins"),
    (lambda: ISING.local_fields([1] * 8), "8 spins"), (lambda: swell.Ising.from_edges(2, [(0, 2)], 1.0), "2"),
    (lambda: swell.Ising.from_edges(2, [(0, 0)], 1.0), "itself"), (lambda: swell.Ising.from_edges(2, [(0, 1)], np.nan), "finite"),
    (lambda: swell.Ising.lattice(2, 3, 1.0), "2"), (lambda: swell.Ising.lattice(3, 3, np.inf), "finite"),
    (lambda: swell.design("phi4").machine.couplings("J"), "file"),
    (lambda: MACHINE.couple_units("y", 0, "x", 1, 1.0), "y"), (lambda: MACHINE.couple_units("x", 0, "x", 3, 1.0), "3"),
    (lambda: MACHINE.couple_units("x", 0, "x", 0, 1.0), "itself"), (lambda: MACHINE.couple_units("x", [0], "x", [1, 2], 1.0), "one length"),
    (lambda: MACHINE.bias("y", 1.0), "y"), (lambda: MACHINE.bias("x", [1.0]), "x"), (lambda: MACHINE.bias("x", np.nan), "finite"),
    (lambda: swell.Machine().group("x", 2).bias("x", 1.0), "couplings"), (lambda: MACHINE.matrix("K"), "J"), (lambda: MACHINE.biases("K"), "J"),
    (lambda: MACHINE.parameters("K"), "J"), (lambda: swell.Machine().matrix("K"), "units"), (lambda: MACHINE.energy([1.0]), "1"),
    (lambda: MACHINE.energy([1.0] * 3, force=[1.0]), "force"), (lambda: MACHINE.gradient([1.0]), "1"), (lambda: MACHINE.gradient([1.0] * 3, "K"), "J"),
    (lambda: MACHINE.path_loss(np.zeros((2, 2)), 0.1), "2"),
    (lambda: MACHINE.path_loss(np.zeros((2, 3)), 0.0), "dt"), (lambda: MACHINE.path_loss(np.zeros((2, 3)), 0.1, kT=0.0), "kT"),
    (lambda: swell.ground_state(ISING, start=[1, 1]), "start"), (lambda: swell.linalg.solve([[1.0]], [1.0], samples=64).interval(1.5), "level"),
    (lambda: swell.linalg.inv([[1.0, 2.0], [0.0, 1.0]]), "symmetric"), (lambda: swell.linalg.logdet([[-1.0]]), "positive"),
    (lambda: swell.linalg.lyapunov([[-1.0]], [[1.0]]), "right half|real part"), (lambda: swell.linalg.lyapunov([[1.0]], [[-1.0]]), "semidefinite"),
    (lambda: swell.linalg.expm([[1.0, 2.0]]), "square"), (lambda: swell.linalg.expm([[1.0]], t=np.nan), "t holds nan|t is nan|finite"),
    (lambda: swell.linalg.sample_gaussian(), "one of"), (lambda: swell.plot.landscape(-1.0), "confine"),
    (lambda: swell.plot.course(swell.run(MACHINE, swell.Protocol().segment("s", 0.1), dt=0.1)), "course"),
    (lambda: swell.plot.couplings(MACHINE, "K"), "J")])
def test_wrong_values_are_value_errors(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@pytest.mark.parametrize("call", [lambda: swell.Machine().couplings(3), lambda: swell.ground_state(ISING, sweps=3), lambda: swell.ground_state(MACHINE)])
def test_wrong_kinds_are_type_errors(call):
    with pytest.raises(TypeError):
        call()


@pytest.mark.parametrize("call", [lambda path: swell.Generator.read(path / "none"), lambda path: MACHINE.write(path / "no" / "x", [], dt=0.1),
                                  lambda path: swell.hardware.export(MACHINE, path / "file" / "x"), lambda path: swell.hardware.check(path)])
def test_files_are_os_errors(call, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError):
        call(tmp_path)


def board(**options):
    """A machine of two units as a circuit, in a folder that is never written."""
    def call():
        machine = swell.Machine(kT=0.1).group("x", 2, J2=1.0, J3=options.pop("J3", 0.0), J4=1.0).couplings("J")
        machine.couple_units("x", 0, "x", 1, options.pop("J", 0.5))
        swell.hardware.export(machine, "none", **options)
    return call


STIFF = np.diag(np.full(200, 2.0)) - np.diag(np.ones(199), 1) - np.diag(np.ones(199), -1)


@pytest.mark.parametrize("call, words", [
    (board(picture="flux", saturation=3.0), "the conductance picture"), (board(unit="cosh", J3=0.1), "the unit law quartic"),
    (board(picture="charge", J=-0.5), "the flux or the conductance picture"),
    (lambda: swell.linalg.expm([[1.0]], device="spu"), "the device exact"), (lambda: swell.linalg.lyapunov([[1.0, 0.0], [0.5, 1.0]], np.eye(2), device="spu"), "the device exact"),
    (lambda: swell.linalg.sample_gaussian(covariance=[[1.0]], device="spu"), "the device exact"),
    (lambda: swell.linalg.expm(np.diag([1.0, 1e12])), "the device exact"), (lambda: swell.linalg.logdet([[1.0]], integrator="euler"), "the integrator euler"),
    (lambda: swell.linalg.solve(STIFF, np.ones(200), budget=0.2), "a longer budget"), (lambda: swell.linalg.logdet(STIFF, budget=0.2), "a longer budget"),
    (lambda: swell.linalg.logdet(np.eye(3), device="exact", samples=10**12, most_samples=10**13), "ask for fewer"),
    (lambda: swell.judge(np.linspace(-9, 4, 4 * 784).reshape(4, 784), folder="."), "the range"),
    (lambda: swell.Generator().fit(method="score"), "method score"),
    (lambda: swell.entropy.open("tape:" + __file__), "is not a tape"),
    (lambda: swell.learn.Classifier(only=["no-where"]).fit(np.random.default_rng(1).normal(size=(40, 2)), np.arange(40) % 2), "no group 'no'")])
def test_sentences_name_what_python_has_and_no_flags(call, words):
    with pytest.raises((ValueError, OSError, swell.ToleranceMissed), match=words) as caught:
        call()
    assert "--" not in str(caught.value) and " -n" not in str(caught.value)


def test_no_sentence_of_the_library_names_a_flag():
    """Outside the program itself, texts of errors and notes are of both; prices and files that are named for the program are not."""
    source = pathlib.Path(__file__).resolve().parents[2] / "src/swell"
    if not source.exists():
        pytest.skip("not in a source tree")
    flags = []
    for file in source.rglob("*.cc"):
        if file.is_relative_to(source / "cmd") or file.name.endswith((".test.cc", ".perf.cc")):
            continue
        for number, line in enumerate(file.read_text().splitlines(), 1):
            said = re.search(r'"[^"]*(?<![\w-])--[a-z][a-z-]+[^"]*"', line)
            if said and not any(word in line for word in ("--price-", "--output FOLDER", "--version", "var(--", "<!--")):
                flags.append(f"{file.relative_to(source)}:{number}: {said.group()}")
    assert flags == [line for line in flags if line.startswith(("report/page.cc", "io/datasets.cc"))]
