"""Circuits and chips from Python."""
import json
import pickle
import shutil
import subprocess

import numpy as np
import pytest
import swell

BOARD = "two cells\nr1 a 0 1k dtemp=100\nr2 b 0 1k\nr3 a b 1k dtemp=-100\nc1 a 0 1n\nc2 b 0 1n\n.temp 26.85\n"


def test_a_board_settles_as_lyapunov_says():
    board = swell.hardware.board(BOARD)
    assert board.outputs == ["v(a)", "v(b)"]
    # By hand for equal parts: C <v_a^2> / k = (7 T_1 + T_2 + 4 T_c) / 12.
    assert board.covariance[0, 0] * 1e-9 / 1.380649e-23 == pytest.approx((7 * 400 + 300 + 4 * 200) / 12)
    M, S, Q = board.system.drift, np.linalg.inv(board.read) @ board.covariance @ np.linalg.inv(board.read).T, board.system.noise
    assert M @ S + S @ M.T == pytest.approx(Q, rel=1e-9, abs=1e-9 * np.abs(Q).max())


@pytest.mark.parametrize("text", ["", "x\n.control\n", "x\nd1 a 0 m\n", "x\nr1 a 0 0\n"])
def test_hostile_boards_are_refused(text):
    with pytest.raises(OSError):
        swell.hardware.board(text)
    with pytest.raises(TypeError):
        swell.hardware.board(7)


def test_chips_are_of_the_machines_kind_and_a_seed_is_a_chip():
    spec = "[couplings]\nmismatch = '5 %'\n"
    machine = swell.Machine().group("a", 3, J2=1, J4=1).couplings("c").couple("a", "a", [[0, 1, 2], [1, 0, 3], [2, 3, 0]])
    ising = swell.Ising([[0, 1.0], [1.0, 0]])
    linear = swell.LinearSystem([[2, 0.5], [0.5, 1]], 2 * np.eye(2))
    for system in (machine, ising, linear):
        assert isinstance(swell.hardware.perturb(system, spec), type(system))
    one, other = (swell.hardware.perturb(linear, spec, seed=s).drift for s in (1, 2))
    assert one[0, 1] == one[1, 0] != other[0, 1]
    assert one[0, 1] != 0.5 and one[0, 0] == 2
    coloured = swell.hardware.perturb(linear, "[noise]\ncorrelation_time = 0.1\n")
    assert coloured.units == 4


def test_wrong_faults_are_refused():
    machine = swell.Machine().group("a", 2).couplings("c").couple("a", "a", [[0, 0.1], [0.1, 0]])
    ising = swell.Ising([[0, 1.0], [1.0, 0]])
    with pytest.raises(ValueError, match="delay"):
        swell.hardware.perturb(ising, "[noise]\ndelay = 0.1\n")
    with pytest.raises(ValueError, match="saturation"):
        swell.hardware.perturb(ising, "[couplings]\nsaturation = 2\n")
    with pytest.raises(ValueError, match="mismatch"):
        swell.hardware.perturb(machine, "[couplings]\nmismatch = 3\n")
    with pytest.raises(ValueError):
        swell.hardware.perturb("machine", "")


def test_chips_without_a_potential_run_without_books():
    machine = swell.Machine().group("a", 2, J2=1).couplings("c").couple("a", "a", [[0, 0.5], [0.5, 0]])
    chip = swell.hardware.perturb(machine, "[couplings]\nasymmetry = 0.3\n", seed=2)
    J = chip.matrix("c")
    assert J[0, 1] != J[1, 0] and J[0, 0] == 0
    assert not swell.run(chip, swell.Protocol().segment("hold", 1, "c"), trajectories=3).books_known
    with pytest.raises(ValueError, match="pickle"):
        pickle.dumps(chip)
    saturating = swell.hardware.perturb(machine, "[couplings]\nsaturation = 0.5\n")
    fast, plain = (swell.run(saturating, swell.Protocol().segment("hold", 1, "c"), trajectories=3, engine=engine, seed=2)
                   for engine in ("cpu", "reference"))
    assert not fast.books_known and np.allclose(fast.states["a"], plain.states["a"], atol=1e-5)
    ising = swell.Ising([[0, 1.0, 2.0], [1.0, 0, -1.0], [2.0, -1.0, 0]])
    bits = swell.hardware.perturb(ising, "[couplings]\nasymmetry = 0.3\n", seed=2)
    done = swell.run(bits, swell.Protocol().segment("hold", 50, 0, kT=1.0), trajectories=3)
    assert not done.books_known and np.all(done.heat == 0) and np.any(done.entropy != 0)
    again = pickle.loads(pickle.dumps(bits))

    def ends(model):
        return swell.run(model, swell.Protocol().segment("hold", 50, 0, kT=1.0), trajectories=40, seed=4).states

    assert np.array_equal(np.asarray(ends(again)), np.asarray(ends(bits)))
    assert not np.array_equal(np.asarray(ends(again)), np.asarray(ends(ising)))
    with pytest.raises(ValueError, match="energy"):
        bits.energy([1, 1, 1])


def test_a_machine_becomes_a_circuit(tmp_path):
    machine = swell.Machine().group("a", 3, J2=1).couplings("c").couple("a", "a", [[0, 0.1, 0], [0.1, 0, -0.2], [0, -0.2, 0]])
    swell.hardware.export(machine, tmp_path / "board")
    assert "swell_machine" in (tmp_path / "board" / "machine.cir").read_text()
    with pytest.raises(ValueError, match="capacitor"):
        swell.hardware.export(machine, tmp_path / "no", picture="charge")
    with pytest.raises(ValueError, match="picture"):
        swell.hardware.export(machine, tmp_path / "no", picture="oil")
    with pytest.raises(ValueError, match="do not saturate"):
        swell.hardware.export(machine, tmp_path / "no", picture="flux", saturation=3)
    swell.hardware.export(machine, tmp_path / "real", saturation=3)
    assert "*tanh(" in (tmp_path / "real" / "machine.cir").read_text()
    if shutil.which("ngspice") is None:
        with pytest.raises(OSError, match="ngspice is not installed"):
            swell.hardware.check(tmp_path / "board")
        return
    layers = swell.hardware.check(tmp_path / "board")
    assert [layer["layer"] for layer in layers] == ["drift", "covariance", "path", "statistics"]
    assert all(layer["passed"] for layer in layers)


def small_generator(tmp_path, **options):
    text = """
name = "small"
kT = 0.05
dt = 0.005
[[group]]
name = "visible"
shape = [3, 3]
J2 = 1.0
J4 = 1.0
pattern = "data"
[[group]]
name = "hidden"
shape = [3]
J2 = 1.0
J4 = 1.0
pattern = "repeat"
[[coupling]]
between = ["visible", "hidden"]
[[coupling]]
between = ["hidden", "hidden"]
[[bias]]
group = "visible"
[[protocol.noising]]
duration = 1.0
drive = { visible = 2.0, hidden = 2.0 }
[[protocol.noising]]
duration = 1.0
drive = { visible = [[0.0, 2.0], [0.75, 0.0]], hidden = [[0.0, 2.0], [0.75, 0.0]] }
learned = true
[[protocol.generation]]
duration = 1.0
[[protocol.generation]]
duration = 2.0
couplings = "learned"
"""
    (tmp_path / "small.toml").write_text(text)
    images = np.array([np.eye(3), [[0, 1, 0], [1, 1, 1], [0, 1, 0]]])
    return swell.Generator(swell.read(tmp_path / "small.toml")).fit(images, **options)


def test_a_generator_is_read_through_the_converter_of_its_chip(tmp_path, program):
    """The figure of `swell generate --chip` for its chip, and bytes that are levels."""
    trained = small_generator(tmp_path).trained
    trained.write(tmp_path / "small.safetensors")
    spec = "[couplings]\nmismatch = '5 %'\n[readout]\nbits = 2\nrange = 1.5\nnoise = 0.2\njitter = 0.01\n"
    (tmp_path / "chip.toml").write_text(spec)
    told = subprocess.run([program, "generate", "small.safetensors", "-n", "20", "--film", "0", "-o", "out", "--seed", "5", "--chip",
                           "chip.toml", "--chips", "1", "--json", "-", "--quiet"], cwd=tmp_path, check=True, capture_output=True)
    seed = swell.hardware.chip_seed(5, 0)
    chip = swell.hardware.perturb(trained, spec, seed=seed)
    made = swell.Generator(chip).sample(20, seed=seed, film_samples=2, film_frames=5)
    assert {*np.unique(made.images), *np.unique(made.film)} <= {-1.5, -0.5, 0.5, 1.5} and len(np.unique(made.images)) > 2
    assert 1 - made.quality["nearest_cosine"][0] == pytest.approx(json.loads(told.stdout)["result"]["chips"]["median"], rel=1e-9)
    with pytest.raises(ValueError, match="converter"):
        chip.write(tmp_path / "chip.safetensors")
    with pytest.raises(ValueError, match="converter"):
        pickle.dumps(chip)


def test_a_machine_is_retrained_with_a_device_in_the_loop(tmp_path):
    trained = small_generator(tmp_path).trained
    spec = "[couplings]\nmismatch = '20 %'\n[units]\noffset = 0.1\n"
    chip = swell.hardware.Chip(trained, spec, seed=2)
    asked = []

    def device(J, bias, paths, first):
        asked.append((J.shape, bias.shape, paths, first))
        return chip(J, bias, paths, first).tolist()

    found = swell.hardware.retrain(trained, device, paths=100, rounds=4)
    assert found.paths == 500 and asked[-1][3] == 400 and asked[0][:2] == ((12, 12), (12,))
    assert found.before > 20 * found.stderr
    assert abs(found.after) < 8 * found.stderr
    # What the chip holds of what is to be written is nearer to what is meant than what it held.
    meant = trained.machine.matrix("learned")
    off = [np.abs(swell.hardware.perturb(d, spec, seed=2).machine.matrix("learned") - meant).sum() for d in (trained, found.design)]
    assert found.nearer and off[1] < 0.5 * off[0]
    # A chip whose faults are finer than a few paths can see is left alone.
    fine = swell.hardware.retrain(trained, swell.hardware.Chip(trained, "[couplings]\nmismatch = 1e-4\n", seed=2), paths=10, rounds=2)
    assert not fine.nearer
    assert np.array_equal(fine.design.machine.matrix("learned"), meant)


def test_ctrl_c_keeps_what_a_device_was_asked_about_last(tmp_path):
    trained = small_generator(tmp_path).trained
    chip = swell.hardware.Chip(trained, "[couplings]\nmismatch = '20 %'\n[units]\noffset = 0.1\n", seed=2)

    def interrupted_at(question):
        asked = []

        def device(J, bias, paths, first):
            if len(asked) == question:
                raise KeyboardInterrupt
            asked.append((J, bias))
            return chip(J, bias, paths, first)

        with pytest.raises(swell.Interrupted) as caught:
            swell.hardware.retrain(trained, device, paths=100, rounds=4)
        return caught.value.result, asked

    assert interrupted_at(0)[0] is None
    found, asked = interrupted_at(3)
    assert found.interrupted and found.nearer and found.paths == 300 and "interrupted" in repr(found)
    written = found.design.machine.matrix("learned")
    np.testing.assert_allclose(written, asked[-1][0], rtol=1e-6, atol=1e-7)  # kept in single precision
    assert np.abs(written - asked[0][0]).max() > 0.01


def test_devices_that_answer_nonsense_are_refused(tmp_path):
    trained = small_generator(tmp_path).trained
    for answer in (np.zeros((2, 2)), np.zeros((3, 4, 5)), np.full((3, 8, 12), np.nan), "no"):
        with pytest.raises((ValueError, TypeError)):
            swell.hardware.retrain(trained, lambda *_: answer, paths=8, rounds=1)
    with pytest.raises(ZeroDivisionError):
        swell.hardware.retrain(trained, lambda *_: 1 / 0, paths=8, rounds=1)


def test_robust_training_makes_couplings_smaller(tmp_path):
    plain, robust = small_generator(tmp_path), small_generator(tmp_path, robust="[couplings]\nmismatch = '50 %'\n")
    size = [np.square(g.trained.machine.matrix("learned")).sum() for g in (plain, robust)]
    assert 0 < size[1] < 0.9 * size[0]
    with pytest.raises(ValueError, match="mismatch"):
        small_generator(tmp_path, robust="")


SQUARE = swell.Machine().group("x", 4, J2=1.0, J4=0.1).couplings("J").couple("x", "x", 0.1 * (np.ones((4, 4)) - np.eye(4)))


def test_edges_of_a_chip_with_directed_couplings_are_given_both_ways():
    model = swell.Ising(np.ones((4, 4)) - np.eye(4))
    assert len(model.edge_list()[1]) == 6
    chip = swell.hardware.perturb(model, "[couplings]\nasymmetry = '20 %'\n", seed=2)
    pairs, J = chip.edge_list()
    assert len(J) == 12
    full = np.zeros((4, 4))
    full[pairs[:, 0], pairs[:, 1]] = J
    assert (full != full.T).sum() == 12
    m = np.array([1, -1, -1, 1])
    np.testing.assert_allclose(chip.local_fields(m), full @ m + chip.h)


@pytest.mark.parametrize("fault", ["[noise]\ncorrelation_time = 0.5\n", "[noise]\ndelay = 0.1\n", "[noise]\nflicker_corner = 0.1\n"])
def test_a_chip_that_remembers_has_no_path_probability(fault):
    chip = swell.hardware.perturb(SQUARE, fault)
    with pytest.raises(ValueError, match="steps that do not remember"):
        chip.path_loss(np.zeros((3, 4)), 0.1)


# The noise of unit i has its own share of kT: the squares are then of one size, half each on average. 4 x 20000 of them
# have a standard error of 0.0025, and a share of kT that is left out makes 4 % of difference.
def test_paths_of_a_chip_of_unequal_noise_are_those_of_its_noise():
    chip = swell.hardware.perturb(SQUARE, "[noise]\nmismatch = '40 %'\n", seed=5)
    done = swell.run(chip, swell.Protocol().segment("s", 200.0, "J"), dt=0.01, snapshots=0.01, seed=3)
    loss = chip.path_loss(done.snapshots.array[:, 0], 0.01, "J")
    assert abs(loss.mean() - 2) < 6 * loss.std() / len(loss) ** 0.5 + 0.002  # snapshots are in single precision


@pytest.mark.parametrize("fault", ["[couplings]\nasymmetry = '20 %'", "[couplings]\nsaturation = 1.0", "[noise]\ndelay = 0.1"])
def test_a_chip_without_a_potential_is_not_calibrated(fault):
    chip = swell.hardware.perturb(SQUARE, fault)
    with pytest.raises(ValueError, match="a calibration writes the couplings of a potential"):
        swell.calibrate(chip, lambda J, b, n: np.zeros((n, 4)), np.zeros((50, 4)))
