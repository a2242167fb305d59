"""Answers lie within their errors of what NumPy and SciPy say, and are the program's."""
import subprocess

import numpy as np
import pytest
import scipy.io
import scipy.linalg
import scipy.sparse
import scipy.stats
import swell

n = 12
A = np.diag(np.linspace(1, 3, n)) + 0.1 * np.cos(np.add.outer(np.arange(n), np.arange(n)))
M = A + 0.2 * np.triu(np.ones((n, n)), 1)
ONE = np.eye(n)


def deviation(answer, exact):
    """In standard errors, of the whole answer: 1 by its meaning; errors from 32 groups scatter it by some tenths."""
    return np.linalg.norm(answer.value - exact) / np.linalg.norm(answer.stderr)


@pytest.mark.parametrize("device", ["overdamped", "exact"])
def test_answers_lie_within_their_errors(device):
    b = np.arange(n) - 3.0
    for answer, exact in [
            (swell.linalg.solve(A, b, device=device, seed=1), np.linalg.solve(A, b)),
            (swell.linalg.inv(A, device=device, seed=1), np.linalg.inv(A)),
            (swell.linalg.lyapunov(M, ONE, device=device, seed=1), scipy.linalg.solve_continuous_lyapunov(M, ONE)),
            (swell.linalg.expm(M, 0.7, device=device, seed=1), scipy.linalg.expm(-0.7 * M))]:
        assert answer.value.shape == exact.shape == answer.stderr.shape
        # Of n = 12 or more entries: three is beyond 1e-6.
        assert deviation(answer, exact) < 3
        assert answer.met and answer.diagnostics and "device" in answer.bill


def test_determinant_within_its_error():
    answer = swell.linalg.logdet(A, seed=1)
    assert abs(answer.value - np.linalg.slogdet(A)[1]) < 7 * answer.stderr  # t of 31: 1e-7


def test_intervals_are_of_students_t():
    answer = swell.linalg.solve(A, np.ones(n), samples=640, seed=1)
    for level in (0.683, 0.95, 0.999):
        low, high = answer.interval(level)
        np.testing.assert_allclose((high - low) / 2 / answer.stderr, scipy.stats.t.ppf((1 + level) / 2, 31), rtol=1e-3)
    with pytest.raises(ValueError, match="level"):
        answer.interval(1.0)


def test_sparse_matrices_and_several_sides():
    b = np.stack([np.ones(n), np.arange(n)], axis=1)
    dense = swell.linalg.solve(A, b, samples=640, seed=2)
    sparse = swell.linalg.solve(scipy.sparse.csr_matrix(A), b, samples=640, seed=2)
    assert dense.value.shape == (n, 2) and dense.value.tobytes() == sparse.value.tobytes()


def test_gaussian_samples_have_their_covariance():
    answer = swell.linalg.sample_gaussian(precision=A, mean=np.ones(n), samples=20000, seed=1)
    # 20,000 samples, some of them correlated: relative deviations of variances 0.01 to 0.02; six of them.
    np.testing.assert_allclose(np.cov(answer.samples.T), np.linalg.inv(A), atol=0.1)
    assert deviation(answer, np.ones(n)) < 3


def test_same_numbers_as_the_program(program, tmp_path):
    scipy.io.mmwrite(tmp_path / "A.mtx", A)
    scipy.io.mmwrite(tmp_path / "b.mtx", np.ones((n, 1)))
    subprocess.run([program, "solve", tmp_path / "A.mtx", tmp_path / "b.mtx", "-n", "640", "--seed", "3", "--no-reference",
                    "-o", tmp_path / "x", "--format", "npy"], check=True, capture_output=True)
    found = [np.load(path) for path in (tmp_path / "x").glob("*.npy")]
    answer = swell.linalg.solve(A, np.ones(n), samples=640, seed=3)
    assert any(each.size == n and each.ravel().tobytes() == answer.value.tobytes() for each in found)


@pytest.mark.parametrize("call", [
    lambda: swell.linalg.solve(A, np.ones(3)), lambda: swell.linalg.solve(A[:, :3], np.ones(n)),
    lambda: swell.linalg.solve(-A, np.ones(n)), lambda: swell.linalg.inv(M), lambda: swell.linalg.inv(np.zeros((0, 0))),
    lambda: swell.linalg.inv(A * np.nan), lambda: swell.linalg.inv(A, samples=0), lambda: swell.linalg.inv(A, device="gpu"),
    lambda: swell.linalg.lyapunov(A, np.eye(3)), lambda: swell.linalg.inv(A, tolerance=-1.0),
    lambda: swell.linalg.inv(A + 1j), lambda: swell.linalg.solve(A, np.ones((n, 1, 1))),
    lambda: swell.linalg.sample_gaussian(), lambda: swell.linalg.inv(A, bits=99), lambda: swell.linalg.inv(A, replicas=7)])
def test_wrong_input_is_a_value_error(call):
    with pytest.raises(ValueError):
        call()


def test_unknown_options_are_type_errors():
    with pytest.raises(TypeError, match="sample"):
        swell.linalg.inv(A, sample=3)
