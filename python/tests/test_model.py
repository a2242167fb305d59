"""Machines and protocols say what they were told, and come back from pickles and files."""
import pickle

import numpy as np
import pytest
import scipy.sparse
import swell


def test_energy_is_the_formula(pair):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(5, 7))
    J, b = pair.matrix("dense"), pair.biases("dense")
    force = rng.normal(size=7)
    expected = (pair.J2 * x**2 + pair.J3 * x**3 + pair.J4 * x**4).sum(1) + x @ b + 0.5 * np.einsum("ni,ij,nj->n", x, J, x)
    expected -= x @ force
    # Sums of a dozen doubles of order one.
    np.testing.assert_allclose(pair.energy(x, "dense", force), expected, rtol=1e-12, atol=1e-12)


def test_gradient_is_the_slope_of_the_energy(pair):
    x, h = np.linspace(-1, 1, 7), 1e-5
    slope = [(pair.energy(x + h * e, "dense") - pair.energy(x - h * e, "dense")) / (2 * h) for e in np.eye(7)]
    # Central differences: h^2 from the fourth power, and rounding of 1e-16 / h.
    np.testing.assert_allclose(pair.gradient(x, "dense"), slope, atol=1e-8)


def test_sparse_couplings_give_what_dense_ones_do():
    J = scipy.sparse.random(6, 6, 0.4, random_state=1)
    J = J + J.T
    J.setdiag(0)
    dense = swell.Machine().group("x", 6).couplings("J").couple("x", "x", J.toarray())
    sparse = swell.Machine().group("x", 6).couplings("J").couple("x", "x", J.tocsr())
    np.testing.assert_array_equal(dense.matrix("J"), sparse.matrix("J"))
    protocol = swell.Protocol().segment("s", 1.0, "J")
    runs = [swell.run(m, protocol, trajectories=3, dt=0.01) for m in (dense, sparse)]
    np.testing.assert_array_equal(runs[0].states.array, runs[1].states.array)


@pytest.mark.parametrize("J, words", [
    (np.ones((2, 2)), "diagonal"), ([[0, 1], [2, 0]], "symmetric"), (np.zeros((3, 3)), "x"), ([[0, np.nan], [np.nan, 0]], ".")])
def test_wrong_couplings_are_value_errors(J, words):
    with pytest.raises(ValueError, match=words):
        swell.Machine().group("x", 2).couplings("J").couple("x", "x", J).matrix("J")


def test_pickles_come_back(pair, settle):
    again = pickle.loads(pickle.dumps(pair))
    assert repr(again) == repr(pair)
    np.testing.assert_array_equal(again.matrix("sparse"), pair.matrix("sparse"))
    protocol = pickle.loads(pickle.dumps(settle))
    runs = [swell.run(m, p, trajectories=2, dt=0.01) for m, p in ((pair, settle), (again, protocol))]
    assert runs[0].states.array.tobytes() == runs[1].states.array.tobytes()
    model = swell.Ising([[0, 1.5], [1.5, 0]], [0.1, 0])
    assert pickle.loads(pickle.dumps(model)).energy([1, -1]) == model.energy([1, -1])
    system = swell.LinearSystem([[1, 0.5], [0, 2]], np.eye(2))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(system)).drift, system.drift)
    assert system.stiffness is None
    mass = swell.LinearSystem([[0, -1], [2, 0.5]], np.diag([0, 1.0]), stiffness=np.diag([2, 1.0]))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(mass)).stiffness, np.diag([2, 1.0]))
    with pytest.raises(ValueError, match="does not change"):
        again.group("c", 1)


def test_files_come_back_in_single_precision(pair, settle, tmp_path):
    path = tmp_path / "machine.safetensors"
    pair.write(path, [settle], dt=0.01, patterns={"a": "ones"})
    design = swell.read(path)
    for name in ("dense", "sparse"):
        np.testing.assert_array_equal(design.machine.matrix(name), pair.matrix(name).astype(np.float32))
    assert design.dt == 0.01 and list(design.protocols) == ["test"]
    assert swell.run(design, "test", trajectories=2).segments == ["rest", "hold"]
    again = pickle.loads(pickle.dumps(swell.Generator().design))
    assert again.machine.units == 1296


@pytest.mark.parametrize("make", [
    lambda: swell.Machine().group("x", (2, 3), J2=np.ones((3, 2))), lambda: swell.Machine().group("x", (2, 3), mobility=np.ones((1, 6))),
    lambda: swell.Machine().group("x", (2, 3)).couplings("J").bias("x", np.ones((3, 2))),
    lambda: swell.Machine().group("a", 2).group("b", 3).couplings("J").couple("a", "b", np.ones((3, 2))),
    lambda: swell.Machine().group("a", 4).group("b", 4).couplings("J").couple("a", "b", np.ones((2, 8))),
    lambda: swell.Machine().group("a", 4).couplings("J").couple("a", "a", np.zeros((1, 16))),
    lambda: pattern_of(np.ones((3, 2))), lambda: pattern_of(np.ones((2, 2, 3))[:, :, :2]), lambda: pattern_of(np.ones(12))])
def test_arrays_of_another_shape_with_as_many_numbers_are_refused(make):
    with pytest.raises(ValueError, match=r"shape \(.*\(.*needed"):
        make()


def pattern_of(values):
    machine = swell.Machine().group("x", (2, 3), J2=np.arange(1.0, 7)).couplings("J").bias("x", np.arange(6.0).reshape(2, 3))
    pull = swell.Protocol().segment("s", 0.1, drive={"x": 1.0})
    return swell.run(machine, pull, dt=0.1, trajectories=2, patterns={"x": values})


@pytest.mark.parametrize("shape", [(), (6,), (2, 3), (2, 6), (2, 2, 3), (1, 6)])
def test_arrays_of_a_group_are_of_its_shape_or_flat_and_patterns_have_rows(shape):
    assert (pattern_of(np.ones(shape)).work == pattern_of(1.0).work).all()


def test_functions_of_time_are_sampled_to_knots():
    protocol = swell.Protocol().segment("s", 4.0, drive={"x": lambda t: t**2}, points=5)
    np.testing.assert_allclose(protocol.segments[0].drive[0][1].knots[:, 1], [0, 1, 4, 9, 16])
    scalar = swell.Protocol().segment("s", 4.0, kT=lambda t: 1.0 if t < 2 else 2.0, points=3)
    np.testing.assert_array_equal(scalar.segments[0].kT.knots, [[0, 1], [0.5, 2], [1, 2]])


def test_ising_energy_is_the_formula():
    rng = np.random.default_rng(2)
    J = np.triu(rng.normal(size=(5, 5)), 1)
    model = swell.Ising(J + J.T, h := rng.normal(size=5))
    m = rng.choice([-1, 1], size=(4, 5))
    np.testing.assert_allclose(model.energy(m), -np.einsum("ni,ij,nj->n", m, J, m) - m @ h, rtol=1e-12)


def test_path_loss_of_the_right_machine_is_half_a_unit():
    machine = swell.Machine().group("x", 50)
    run = swell.run(machine, swell.Protocol().segment("s", 2.0), trajectories=1, dt=0.01, snapshots=0.01)
    loss = machine.path_loss(run.snapshots[:, 0], 0.01)
    # Chi squared with 50 x 199 degrees of freedom over 2 x 50: deviation 0.007; five of them.
    assert abs(loss.mean() / 50 - 0.5) < 0.036


def test_people_can_read_them(pair, settle):
    assert "a: 3" in repr(pair) and "<table>" in pair._repr_html_()
    assert "rest" in repr(settle) and "<table>" in settle._repr_html_()
    assert "<table>" in swell.run(pair, settle, dt=0.01)._repr_html_()
    assert "<table>" in swell.design("phi4")._repr_html_()
