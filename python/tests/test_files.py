"""Machine files and pickles: what is written says the same when it is read, or is refused in a sentence."""
import pickle

import numpy as np
import pytest
import swell

REST = swell.Protocol("rest").segment("s", 1.0)


def machine():
    return swell.Machine(kT=0.5).group("x", 3).group("h", 2).couplings("J").couple("x", "h", np.full((3, 2), 0.1))


def same(a, b):
    for key in ("J2", "J3", "J4", "mobility"):
        np.testing.assert_array_equal(getattr(a, key), getattr(b, key))
    assert a.kT == b.kT and a.groups == b.groups and a.sets == b.sets


def test_a_chip_of_a_design_keeps_its_units(tmp_path):
    design = swell.design("digits7x7")
    chip = swell.hardware.perturb(design, "[units]\nmismatch = '5 %'\ncapacitance = '3 %'\n[noise]\ntemperature = 1.1\n", seed=3)
    assert (chip.machine.J2 != design.machine.J2).any() and chip.machine.kT != design.machine.kT
    same(pickle.loads(pickle.dumps(chip)).machine, chip.machine)
    chip.write(tmp_path / "chip.safetensors")
    same(swell.read(tmp_path / "chip.safetensors").machine, chip.machine)


def test_units_that_differ_within_a_group_are_written(tmp_path, program):
    import subprocess

    written = swell.Machine(kT=0.5).group("x", (2, 2), J2=[0.1, 0.2, 0.3, 0.4], J4=[[0, 0, ], [1, 2]], mobility=[1, 2, 3, 4])
    path = tmp_path / "m.safetensors"
    written.write(path, [REST], dt=0.01)
    same(swell.read(path).machine, written)
    here = swell.run(written, REST, dt=0.01, trajectories=3, seed=2).states.array.astype("f4")
    subprocess.run([program, "run", path, "--protocol", "rest", "-n", "3", "--seed", "2", "-o", tmp_path / "out"],
                   check=True, capture_output=True)
    np.testing.assert_array_equal(np.load(tmp_path / "out" / "states.npy"), here)


def test_sets_with_on_site_energies_of_their_own_are_pickled_and_written(tmp_path):
    plain = machine()
    groups, J2, J3, J4, mobility, kT, sets = plain._state()
    own = swell.Machine.__new__(swell.Machine)
    own.__setstate__((groups, J2, J3, J4, mobility, kT, [(*sets[0][:4], J2 + 0.25)]))
    own.write(tmp_path / "m", [REST], dt=0.01)
    read = swell.read(tmp_path / "m").machine
    x = np.ones(5)
    assert read.energy(x, "J") == pytest.approx(plain.energy(x, "J") + 5 * 0.25)


@pytest.mark.parametrize("options, words", [
    ({"dt": float("nan")}, "dt is nan"), ({"dt": -0.1}, "dt -0.1"), ({"dt": 0.03}, "multiple of dt"), ({"integrator": "bla"}, "'bla'"),
    ({"patterns": {"x": "bla"}}, "'bla'"), ({"patterns": {"y": "ones"}}, "'y'.*x, h"), ({"protocols": REST}, "a list of swell.Protocol"),
    ({"protocols": [3]}, "swell.Protocol is needed"), ({"protocols": [REST, REST]}, "'rest'; each needs a name of its own"),
    ({"protocols": [swell.Protocol("").segment("s", 1.0)]}, "name of its own"), ({"protocols": [swell.Protocol("p")]}, "'p' has no segments"),
    ({"protocols": [swell.Protocol("p").segment("s", 1.0, 1)]}, "no coupling set 1; the machine has 1"),
    ({"protocols": [swell.Protocol("p").segment("s", 1.0, "nope")]}, "'nope'"),
    ({"protocols": [swell.Protocol("p").segment("s", 1.0, drive={"y": 1.0})]}, "'y'"),
    ({"protocols": [swell.Protocol("p").segment("s", 1.0, clamp="y")]}, "'y'"),
    ({"protocols": [swell.Protocol("p").segment("s", 1.0, drive={"x": swell.Schedule([[0, 1], [1, 2]], geometric=True)})]}, "geometric")])
def test_what_a_file_cannot_say_is_refused_before_it_is_written(tmp_path, options, words):
    path = tmp_path / "m.safetensors"
    with pytest.raises(ValueError, match=words):
        machine().write(path, **({"protocols": [REST], "dt": 0.01} | options))
    assert not path.exists()


@pytest.mark.parametrize("name", ["größe", "a\nb", 'a"b', "", "a\0b"])
def test_names_that_a_file_does_not_take(tmp_path, name):
    with pytest.raises(ValueError, match=r"group\[0\].name"):
        swell.Machine().group(name, 2).write(tmp_path / "m", [REST], dt=0.01)
    assert not (tmp_path / "m").exists()


def test_sets_by_number_and_odd_names_of_protocols_are_read_back(tmp_path):
    protocol = swell.Protocol('größe "1"\n').segment("s\t\\", 1.0, 0, drive={"x": 1.0})
    machine().write(tmp_path / "m", [protocol], dt=0.01, patterns={"x": "ones"})
    read = swell.read(tmp_path / "m")
    segment = read.protocols['größe "1"\n'].segments[0]
    assert segment.name == "s\t\\" and segment.couplings == "J"


def test_a_chip_says_why_it_cannot_be_written(tmp_path):
    chip = swell.hardware.perturb(machine(), "[noise]\ncorrelation_time = 0.5\n")
    for call in (lambda: pickle.dumps(chip), lambda: chip.write(tmp_path / "m", [REST], dt=0.01)):
        with pytest.raises(ValueError, match="neither a pickle nor a file"):
            call()


STATES = [machine(), swell.Ising.lattice(3, 3, 1.0), swell.LinearSystem(np.eye(2), np.eye(2)),
          swell.LinearSystem([[0, -1], [1, 1]], np.diag([0.0, 2]), stiffness=np.eye(2)), REST, swell.Schedule([[0, 1.0]]),
          REST.segments[0]]


@pytest.mark.parametrize("made", STATES, ids=lambda made: type(made).__name__)
def test_damaged_pickles_are_exceptions(made):
    kind, state = type(made), made.__getstate__()
    kind.__new__(kind).__setstate__(state)
    for size in range(len(state) + 3):
        if size in {swell.Ising: (6, 7), swell.LinearSystem: (3, 4)}.get(kind, (len(state),)):
            continue
        with pytest.raises(ValueError, match="parts"):
            kind.__new__(kind).__setstate__((state * 2)[:size])
    for place in range(len(state)):
        for wrong in (None, -1, "x", (), [()], [[]], np.zeros(3), np.zeros((3, 3)), np.full(4, 2**40), np.full(10, -1)):
            try:
                kind.__new__(kind).__setstate__((*state[:place], wrong, *state[place + 1:]))
            except (ValueError, TypeError, RuntimeError, KeyError, IndexError, MemoryError):
                pass


@pytest.mark.parametrize("shape", [[-4], [0], [2**40, 2**40], [-2, -2], []])
def test_groups_of_a_pickle_have_extents(shape):
    _, *rest = swell.Machine().group("x", 4).couplings("J")._state()
    with pytest.raises(ValueError, match="pickle"):
        swell.Machine.__new__(swell.Machine).__setstate__(([("x", shape)], *rest))
