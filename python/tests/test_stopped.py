"""Work that is ended by a progress callback or Ctrl-C leaves what was done, as the function gives it."""
import copy
import pickle
import time

import numpy as np
import pytest
import swell

def stopped(call, after=0.0):
    """What was kept by `call(progress)`, which ends as by Ctrl-C."""
    begin = time.perf_counter()

    def progress(done, total):
        if time.perf_counter() - begin >= after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        call(progress)
    return caught.value.result


def test_a_stopped_cut_is_a_cut():
    networkx = pytest.importorskip("networkx")
    graph = networkx.gnp_random_graph(60, 0.5, seed=1)
    cut = stopped(lambda progress: swell.max_cut(graph, budget=60.0, progress=progress))
    assert isinstance(cut, swell.Cut) and cut.sides[0] | cut.sides[1] == set(graph)
    assert cut.weight == networkx.cut_size(graph, *cut.sides)


def test_a_stopped_sampler_gives_the_reads_so_far():
    dimod = pytest.importorskip("dimod")
    bqm = dimod.BinaryQuadraticModel(np.triu(np.random.default_rng(1).normal(size=(40, 40))), "BINARY")
    samples = stopped(lambda progress: swell.SwellSampler(budget=0.15).sample(bqm, num_reads=400, progress=progress), after=1.0)
    assert isinstance(samples, dimod.SampleSet) and 2 <= samples.record.num_occurrences.sum() < 400
    np.testing.assert_allclose(bqm.energies(samples), samples.record.energy)
    told = []
    swell.SwellSampler(runs=1, sweeps=20000).sample(bqm, num_reads=2, progress=lambda done, total: told.append(done))
    assert told


A = np.diag(np.linspace(1.0, 3.0, 12)) + 0.1


KEPT = 4 * 10**6  # samples of a Gaussian, which are kept at once


@pytest.mark.parametrize("samples, call", [
    (10**9, lambda **o: swell.linalg.solve(A, np.ones(12), **o)), (10**9, lambda **o: swell.linalg.inv(A, **o)),
    (10**9, lambda **o: swell.linalg.lyapunov(A, np.eye(12), **o)),
    (10**9, lambda **o: swell.linalg.expm(A, **o)), (KEPT, lambda **o: swell.linalg.sample_gaussian(covariance=A, **o))],
    ids=["solve", "inv", "lyapunov", "expm", "gaussian"])
def test_stopped_linear_algebra_is_an_answer_that_is_not_met(samples, call):
    for after in (0.3, 2.0, 8.0, 30.0):  # until the machine has forgotten its start there is none
        answer = stopped(lambda progress: call(samples=samples, seed=1, threads=1, progress=progress), after=after)
        if answer is not None:
            break
    assert isinstance(answer, swell.linalg.Answer) and not answer.met
    assert np.isfinite(answer.value).all()


def test_a_stopped_determinant_has_no_answer_before_its_last_stage():
    assert stopped(lambda progress: swell.linalg.logdet(A, samples=KEPT, seed=1, threads=1, progress=progress)) is None


def test_runs_are_pickled_and_copied_by_their_arrays():
    machine = swell.Machine(kT=0.5).group("x", (2, 2)).group("h", 3)
    run = swell.run(machine, swell.Protocol().segment("s", 1.0), dt=0.1, trajectories=4, snapshots=0.5, course=0.5, observe=0.1)
    for again in (pickle.loads(pickle.dumps(run)), copy.deepcopy(run), copy.copy(run)):
        assert (again.states["x"] == run.states["x"]).all() and (again.snapshots["h"] == run.snapshots["h"]).all()
        assert (again.heat == run.heat).all() and again.segments == ["s"] and repr(again) == repr(run)
        assert (again.course.mean.value == run.course.mean.value).all()
        assert (again.averages["mean"].value == run.averages["mean"].value).all()
        assert again.diagnostics == run.diagnostics and not again.states.array.flags.writeable


def test_answers_are_pickled_with_what_they_say():
    answer = swell.linalg.solve(A, np.ones(12), seed=1, samples=640)
    again = pickle.loads(pickle.dumps(answer))
    assert (again.value == answer.value).all() and (again.stderr == answer.stderr).all() and repr(again) == repr(answer)
    assert again.met == answer.met and again.diagnostics == answer.diagnostics and again.bill == answer.bill
    assert (again.interval(0.9)[0] == answer.interval(0.9)[0]).all()
    assert pickle.loads(pickle.dumps(swell.linalg.logdet(A, seed=1, samples=640))).value > 0


def test_answers_as_arrays_and_numbers():
    answer = swell.linalg.solve(A, np.ones(12), seed=1, samples=640)
    assert np.array(answer, copy=True) is not answer.value
    assert np.asarray(answer, dtype="f4").dtype == np.float32
    if np.lib.NumpyVersion(np.__version__) >= "2.0.0":
        with pytest.raises(ValueError, match="copy"):
            np.array(answer, dtype="f4", copy=False)
    determinant = swell.linalg.logdet(A, seed=1, samples=640)
    assert float(determinant) == determinant.value
    with pytest.raises(TypeError, match="shape"):
        float(answer)


def test_of_zero_the_answer_is_zero():
    for b in (np.zeros(12), np.zeros((12, 2)), np.zeros((12, 0))):
        answer = swell.linalg.solve(A, b)
        assert answer.value.shape == b.shape and not answer.value.any() and not answer.stderr.any() and answer.met
        assert answer.diagnostics["method"] and repr(answer) and answer._repr_html_()
    with pytest.raises(ValueError, match="positive definite"):
        swell.linalg.solve(-A, np.zeros(12))


def test_states_add_and_compare_as_arrays():
    states = swell.run(swell.Machine().group("x", 2).group("h", 3), swell.Protocol().segment("s", 0.1), dt=0.1, trajectories=2).states
    assert ((states - states.array) == 0).all() and (states == states).all() and (2 * states > states).sum() >= 0
    assert np.exp(states).shape == (2, 5)


@pytest.mark.parametrize("name", ["time", "chain", "draw", "segment", "x/y", "x_0"])
def test_groups_that_xarray_has_names_for(name):
    pytest.importorskip("xarray")
    machine = swell.Machine().group("x", 2).group(name, 3)
    run = swell.run(machine, swell.Protocol().segment("s", 0.2), dt=0.1, trajectories=2, snapshots=0.1)
    with pytest.raises(ValueError, match=f"a group called '{name}'"):
        run.to_xarray()
