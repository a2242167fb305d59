"""What docstrings say goes wrong does so, in a sentence."""
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
