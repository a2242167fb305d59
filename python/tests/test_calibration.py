"""A Python callable as a device that is calibrated. Errors of 30 rounds: |t| of 29 degrees of freedom exceeds 7.5 with a
chance of 3e-8."""

import numpy as np
import pytest
import swell


def test_a_linear_device_with_hidden_mismatch_is_calibrated():
    rng = np.random.default_rng(3)
    K = np.array([[2.0, 0.4, -0.3], [0.4, 1.5, 0.2], [-0.3, 0.2, 1.0]])
    gain = 1 + 0.15 * rng.uniform(-1, 1, K.shape)
    gain = (gain + gain.T) / 2
    told = []

    def device(matrix, bias, samples):
        assert matrix.shape == (3, 3) and bias.tolist() == [0, 0, 0]
        return rng.multivariate_normal(np.zeros(3), 0.5 * np.linalg.inv(gain * matrix), samples)

    found = swell.calibrate(K, device, kT=0.5, samples=3000, rounds=30, progress=lambda done, total: told.append(done))
    upper = np.triu_indices(3)
    errors = (found.matrix - K / gain)[upper] / found.matrix_stderr[upper]
    assert np.abs(errors).max() < 7.5
    assert found.settled and found.before > 5 and found.after < 7  # chi-square of 6 over 6
    assert found.samples == 3000 * (found.settling + 31)
    assert told[-1] > 0 and "6 parameters" in repr(found)


def test_a_machine_is_calibrated_against_a_simulated_device():
    def machine(J, b):
        made = swell.Machine(kT=0.6).group("x", 3, J2=-0.5, J4=0.5)
        return made.couplings("program").couple("x", "x", J).bias("x", b)

    rest = swell.Protocol().segment("rest", 6.0, "program")
    seeds = iter(range(1, 1000))

    def states(J, b, count):
        return swell.run(machine(J, b), rest, dt=0.02, trajectories=count, seed=next(seeds)).states.array

    J, b = np.zeros((3, 3)), np.array([0.1, 0.0, -0.2])
    J[0, 1] = J[1, 0] = 0.4
    J[1, 2] = J[2, 1] = -0.3
    off_J, off_b = np.full((3, 3), 0.12) - 0.12 * np.eye(3), np.array([-0.1, 0.05, 0.1])
    found = swell.calibrate(machine(J, b), lambda m, c, n: states(m + off_J, c + off_b, n), states(J, b, 20000),
                            samples=1500, rounds=30)
    upper = np.triu_indices(3, 1)
    errors = np.concatenate([(found.matrix - J + off_J)[upper] / found.matrix_stderr[upper],
                             (found.bias - b + off_b) / found.bias_stderr])
    assert np.abs(errors).max() < 7.5
    assert found.before > 10 and found.after < 7
    assert found.units.tolist() == [[0, 1], [0, 2], [1, 2], [0, -1], [1, -1], [2, -1]]


def interrupted_at(question):
    """What was kept of a calibration that ends at a question as by Ctrl-C, and what it was that was left out."""
    rng = np.random.default_rng(5)
    asked = []

    def device(matrix, bias, samples):
        asked.append(matrix)
        if len(asked) > question:
            raise KeyboardInterrupt
        return rng.multivariate_normal(np.zeros(2), np.linalg.inv(1.1 * matrix), samples)

    with pytest.raises(swell.Interrupted) as caught:
        swell.calibrate([[2.0, 0.4], [0.4, 1.0]], device, samples=1000)
    return caught.value.result, asked


def test_ctrl_c_keeps_what_was_found():
    nothing, _ = interrupted_at(0)
    assert nothing is None
    early, asked = interrupted_at(1)
    assert isinstance(early, swell.Calibration) and early.interrupted and early.rounds == 0 and early.settling == 1
    assert (early.matrix == asked[-1]).all() and np.isnan(early.matrix_stderr).all() and early.samples == 1000
    late, asked = interrupted_at(15)
    assert late.interrupted and late.settled and late.rounds == 15 - late.settling and "interrupted" in repr(late)
    np.testing.assert_allclose(late.matrix, asked[-1], rtol=1e-12)  # the mean of all estimates was to be asked about next
    upper = np.triu_indices(2)
    wrong = (late.matrix - np.array([[2.0, 0.4], [0.4, 1.0]]) / 1.1)[upper] / late.matrix_stderr[upper]
    assert np.abs(wrong).max() < 12  # |t| of 10 degrees of freedom: 3e-7


def test_a_callback_that_says_no_ends_it_without_an_exception():
    rng = np.random.default_rng(6)
    found = swell.calibrate(np.eye(2), lambda K, bias, n: rng.multivariate_normal(np.zeros(2), np.linalg.inv(K), n),
                            samples=1000, progress=lambda done, total: done < 6)
    assert found.interrupted and 6 <= found.settling + found.rounds < 15


def test_what_goes_wrong_is_said():
    good = lambda K, bias, n: np.random.default_rng(1).normal(size=(n, 2))
    with pytest.raises(ValueError, match="positive definite"):
        swell.calibrate([[1.0, 2.0], [2.0, 1.0]], good)
    with pytest.raises(ValueError, match="symmetric"):
        swell.calibrate([[1.0, 2.0]], good)
    with pytest.raises(ValueError, match="shape"):
        swell.calibrate(np.eye(2), lambda K, bias, n: np.zeros((n, 3)))
    with pytest.raises(ValueError, match="finite"):
        swell.calibrate(np.eye(2), lambda K, bias, n: np.full((n, 2), np.nan))
    with pytest.raises(swell.ToleranceMissed, match="does not fluctuate"):
        swell.calibrate(np.eye(2), lambda K, bias, n: np.zeros((n, 2)))
    with pytest.raises(ValueError, match="6 are needed"):
        swell.calibrate(np.eye(2), good, samples=5)
    with pytest.raises(TypeError, match="samples cannot be"):
        swell.calibrate(np.eye(2), good, samples="many")
    with pytest.raises(ValueError, match="kT"):
        swell.calibrate(np.eye(2), good, kT=-1.0)
    with pytest.raises(ZeroDivisionError):
        swell.calibrate(np.eye(2), lambda K, bias, n: 1 / 0)
    machine = swell.Machine().group("x", 2)
    machine.couplings("J").couple("x", "x", [[0, 0.1], [0.1, 0]])
    with pytest.raises(ValueError, match="target"):
        swell.calibrate(machine, good)
    with pytest.raises(ValueError, match="3 units"):
        swell.calibrate(machine, good, np.zeros((5, 3)))
    with pytest.raises(ValueError, match="no coupling set"):
        swell.calibrate(machine, good, np.zeros((5, 2)), couplings="K")
