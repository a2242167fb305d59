"""Wrong arguments are told in a sentence of the package's own, the same for every function."""
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import swell
from test_fuzz import CALLS, ODD

A = np.eye(3)
MODEL = swell.Ising(np.ones((4, 4)) - np.eye(4))
REST = swell.Protocol().segment("s", 0.1)
MACHINE = swell.Machine().group("x", 4)
POINTS = np.random.default_rng(1).normal(size=(5, 2))


@pytest.fixture(scope="module")
def trained():
    bars = np.zeros((2, 4, 4))
    bars[0, :, :2] = bars[1, :2, :] = 1
    return swell.Generator(swell.design("whitelam2026", visible=(4, 4), hidden=8)).fit(bars, tolerance=1e-2)


@pytest.mark.parametrize("made", ["machine.safetensors", pathlib.Path("designs/phi4.toml")])
def test_a_design_by_its_file_names_the_right_call(made):
    with pytest.raises(TypeError, match=r"swell\.read\('.*'\) reads a file, and swell\.design\(name\)"):
        swell.Design(made)
    with pytest.raises(TypeError, match=r"swell\.read"):
        swell.Design(3)


@pytest.mark.parametrize("call, words", [
    (lambda: swell.run("phi4", "relax"), r"swell\.design\('phi4'\)"), (lambda: swell.run(MACHINE, "relax"), "swell.Protocol"),
    (lambda: swell.ground_state(A), "swell.Ising is needed, this is ndarray"), (lambda: swell.Generator(3), "Design"),
    (lambda: swell.Machine("hot"), "kT"), (lambda: swell.Machine().group(3, 3), "name of a group"),
    (lambda: swell.Machine().group("x", b"bytes"), "a shape of b'bytes'"), (lambda: swell.Protocol(3), "name of a protocol"), (lambda: swell.Ising.lattice(3.5, 3, 1.0), "rows is 3.5"),
    (lambda: swell.run(None, REST), "swell.Machine"), (lambda: MACHINE.matrix(3), "couplings is 3")])
def test_the_sentence_names_what_is_needed(call, words):
    with pytest.raises((TypeError, ValueError), match=words):
        call()


LARGE = (2**31, 2**40, 2**61 - 1, 2**61)


@pytest.mark.parametrize("call", [
    lambda n: swell.Machine().group("x", n), lambda n: swell.Machine().group("x", (n, n)),
    lambda n: swell.Ising.from_edges(n, [(0, 1)], [1.0]), lambda n: swell.Ising.lattice(n, n, 1.0),
    lambda n: swell.run(MACHINE, REST, dt=0.1, trajectories=n), lambda n: swell.run(MODEL, REST, trajectories=n),
    lambda n: swell.linalg.solve(A, A[0], replicas=n), lambda n: swell.linalg.sample_gaussian(A, samples=n),
    lambda n: swell.ground_state(MODEL, replicas=n), lambda n: swell.calibrate(A, lambda K, b, count: np.zeros((2, 3)), samples=n)])
@pytest.mark.parametrize("size", LARGE)
def test_sizes_that_no_memory_holds_are_told_in_a_sentence(call, size):
    with pytest.raises((ValueError, TypeError, MemoryError)) as error:
        call(size)
    for word in ("std::", "vector", "length_error", "_M_", "basic_string"):
        assert word not in str(error.value), str(error.value)
    assert len(str(error.value)) > 20


@pytest.mark.filterwarnings("ignore")
def test_no_error_speaks_of_the_binding():
    for number, call in enumerate(CALLS):
        if "__setstate__" in call.__code__.co_names:  # pickle's own
            continue
        for value in ODD:
            try:
                call(value)
            except Exception as error:
                assert "incompatible function arguments" not in str(error), (number, type(value))


def functions(trained):
    from swell.learn import Classifier

    X, y = POINTS, np.array([0, 1, 0, 1, 0])
    quick = {"hidden": 2, "updates": 2, "batch": 2, "runs": 1}
    return {
        "run": lambda **o: swell.run(MACHINE, REST, dt=0.1, **o), "ground_state": lambda **o: swell.ground_state(MODEL, runs=1, **o),
        "tour": lambda **o: swell.route.tour(POINTS, runs=1, **o), "solve": lambda **o: swell.linalg.solve(A, [1, 0, 0], samples=64, **o),
        "logdet": lambda **o: swell.linalg.logdet(A, samples=64, **o),
        "fit": lambda **o: swell.Generator(trained.design).fit(np.eye(4)[None], tolerance=1e-1, **o), "sample": lambda **o: trained.sample(1, **o),
        "classify": lambda **o: Classifier(**quick, **o).fit(X, y),
        "answer": lambda **o: swell._swell._neural_answer(Classifier(**quick).fit(X, y).design_, X, o, None)}


@pytest.mark.parametrize("name", ["run", "ground_state", "tour", "solve", "logdet", "fit", "sample", "classify", "answer"])
def test_threads_are_refused_in_the_same_words(trained, name):
    pytest.importorskip("sklearn")
    call = functions(trained)[name]
    call(threads=1)
    for threads in (0, -2):
        with pytest.raises(ValueError, match=f"^threads {threads} is not allowed; 1 or more is$"):
            call(threads=threads)
    with pytest.raises(TypeError, match="threads cannot be 'two'"):
        call(threads="two")


COUPLINGS = np.triu(np.random.default_rng(3).normal(size=(30, 30)), 1)
GLASS = swell.Ising(COUPLINGS + COUPLINGS.T)
SEARCHES = {"ground_state": lambda **o: swell.ground_state(GLASS, sweeps=10, **o), "tour": lambda **o: swell.route.tour(POINTS, **o)}


@pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)
def test_budget_and_runs_mean_the_same_for_every_search(search):
    for budget in (0, 5.0, 1e9):  # not looked at
        assert search(budget=budget, runs=1).info["runs"] == 1
    for budget in (-1, float("nan"), float("inf")):
        for more in ({}, {"runs": 1}):
            with pytest.raises(ValueError, match="^budget .* is not allowed; a time above 0 s, or runs=, is$"):
                search(budget=budget, **more)
    with pytest.raises(ValueError, match="^budget 0 is not allowed"):
        search(budget=0)
    with pytest.raises(ValueError, match="^runs 0 is not allowed; 1 or more is$"):
        search(runs=0)
    with pytest.raises(ValueError, match="^target nan"):
        search(runs=1, target=float("nan"))
    with pytest.raises(TypeError, match="has no option 'sweps'; it has .*seed, threads, budget, runs"):
        search(sweps=3)


@pytest.mark.parametrize("search", SEARCHES.values(), ids=SEARCHES)
def test_budget_was_once_called_time(search):
    with pytest.warns(FutureWarning, match="now called budget="):
        assert search(time=5.0, runs=1).info["runs"] == 1
    with pytest.raises(TypeError, match="older name of budget"):
        search(time=5.0, budget=5.0)
    with pytest.warns(FutureWarning, match="now called budget="):
        assert search(time=0.01).info["seconds"] < 5


@pytest.mark.parametrize("options, words", [
    ({"updates": 0}, "updates 0"), ({"rate": 0.0}, "rate 0"), ({"batch": -1}, "batch -1"), ({"noise_samples": 0}, "noise_samples 0"),
    ({"budget": -1.0}, "budget -1"), ({"method": "magic"}, "exact, gradient, genetic"), ({"selection": "all"}, "elites, average"),
    ({"generations": 0}, "generations 0"), ({"mutation": float("nan")}, "mutation nan"), ({"only": ["hidden-nothing"]}, "nothing")])
def test_options_of_training_are_looked_over(options, words):
    learn = pytest.importorskip("swell.learn")
    with pytest.raises(ValueError, match=words):
        learn.Classifier(**({"hidden": 2, "updates": 2} | options)).fit(POINTS, [0, 1, 0, 1, 0])


@pytest.mark.parametrize("options, words", [
    ({"film_samples": -1}, "film_samples -1"), ({"tile": -1}, "tile -1"), ({"precision": "f16"}, "f32, bf16x3, bf16")])
def test_options_of_sampling_are_looked_over(trained, options, words):
    with pytest.raises(ValueError, match=words):
        trained.sample(1, **options)
    with pytest.raises(ValueError, match="^n 0 is not allowed; 1 or more is$"):
        trained.sample(0)


M = swell.Machine().group("x", 2).couplings("J").couple_units("x", 0, "x", 1, 0.1)
SENTENCES = [
    (lambda: swell.linalg.solve(A, [1, 0, 0]).interval("x"), ValueError, "level has numbers of type"),
    (lambda: swell.Schedule([[0, 1]])("a"), ValueError, "fraction has numbers of type"),
    (lambda: swell.Protocol().segment("s", 1.0).steps(M, "a"), ValueError, "dt has numbers of type"),
    (lambda: swell.Protocol().segment("s", 1.0, 2**40), ValueError, "couplings, where they are no name,.*0 to 2147483647"),
    (lambda: swell.Protocol().segment("s", 1.0, drive=[("x", 1.0)]), TypeError, "a dict of group to amplitude"),
    (lambda: swell.Protocol().segment("s", 1.0, kT=lambda t: t, points="a"), TypeError, "points is 'a'; a whole number"),
    (lambda: swell.hardware.perturb(M, "", seed=-1), ValueError, "seed -1 is not allowed; 0 to 2"),
    (lambda: swell.hardware.check(".", seed=-1), ValueError, "seed -1 is not allowed; 0 to 2"),
    (lambda: swell.hardware.export(3, "."), TypeError, "machine is 3; a swell.Machine is needed"),
    (lambda: swell.hardware.export(swell.Ising.lattice(3, 3, 1.0), "."), TypeError, "a swell.Machine is needed"),
    (lambda: swell.hardware.retrain(3, print), TypeError, "a swell.Design is needed"),
    (lambda: swell.hardware.retrain(swell.design("digits7x7"), 3), TypeError, "device is 3; a function"),
    (lambda: swell.hardware.Chip("whitelam2026", ""), TypeError, "a swell.Design is needed"),
    (lambda: swell.hardware.Chip(swell.design("digits7x7"), "", threads="a"), TypeError, "threads is 'a'"),
    (lambda: swell.hardware.Chip(swell.design("digits7x7"), "", threads=-2), ValueError, "threads -2 is not allowed; 1 or more is"),
    (lambda: swell.entropy.assess([0, 1] * 50, bits_per_symbol="a"), TypeError, "bits_per_symbol is 'a'; a whole number"),
    (lambda: swell.entropy.assess([0, 1] * 50, threads=0), ValueError, "threads 0 is not allowed; 1 or more is"),
    (lambda: swell.read(b"\xff.toml"), ValueError, "not in UTF-8"),
    (lambda: M.write(b"\xff", dt=0.1), ValueError, "not in UTF-8"),
    (lambda: swell.design("digits7x7").write(b"\xff"), ValueError, "not in UTF-8"),
    (lambda: swell.run(M, swell.Protocol().segment("s", 1.0), dt=0.1, seed=-1), ValueError, r"seed -1 is not allowed; 0 to 2\^64 - 1 is"),
    (lambda: swell.run(M, swell.Protocol().segment("s", 1.0), dt=0.1, seed=2**64), ValueError, r"0 to 2\^64 - 1 is"),
    (lambda: swell.run(M, swell.Protocol().segment("s", 1.0), dt=0.1, trajectories=3.0), TypeError, "trajectories cannot be 3.0; a whole number"),
    (lambda: swell.linalg.solve(A, [1, 0, 0], samples=1e3), TypeError, "samples cannot be 1000.0; a whole number is needed"),
    (lambda: swell.run(M, swell.Protocol().segment("s", 1.0), dt=0.1, progress="yes"), TypeError, "progress is 'yes'"),
    (lambda: swell.run(M, swell.Protocol().segment("s", 1.0), dt=0.1, progress=1), TypeError, "progress is 1"),
    (lambda: swell.max_cut(np.eye(3)), TypeError, "a graph of networkx is needed, this is ndarray"),
    (lambda: swell.route.postman([[0, 1]]), TypeError, "a graph of networkx is needed, this is list"),
    (lambda: swell.calibrate([[2.0]], None), TypeError, "device is None; a function"),
    (lambda: swell.linalg.solve(np.zeros((0, 0)), np.zeros(0)), ValueError, r"A has shape \(0, 0\)"),
    (lambda: swell.linalg.expm(A, float("nan")), ValueError, "t is nan; a finite number"),
    (lambda: swell.route.tour([[0, -2, 1], [-2, 0, 1], [1, 1, 0]]), ValueError, r"distance \[0, 1\] is -2"),
    (lambda: swell.Machine(kT=float("nan")), ValueError, "kT is nan; a finite number is needed"),
]


@pytest.mark.parametrize("number", range(len(SENTENCES)))
def test_what_is_needed_is_said_of_what_was_written(number):
    call, kind, words = SENTENCES[number]
    with pytest.raises(kind, match=words):
        call()


def graph_of(*edges):
    networkx = pytest.importorskip("networkx")
    graph = networkx.Graph()
    graph.add_node(9)
    graph.add_edges_from(edges)
    return graph


@pytest.mark.parametrize("call, words", [
    (lambda: swell.route.postman(graph_of(("a", "b")), start=9), "starts at node 9, which has no edges"),
    (lambda: swell.route.postman(graph_of(("a", "b", {"weight": -1})), start="a"), "'weight' of edge 'a' - 'b' is -1"),
    (lambda: swell.route.postman(graph_of(("a", "b", {"weight": "abc"})), start="a"), "'weight' of edge 'a' - 'b' is 'abc'"),
    (lambda: swell.route.postman(graph_of(("a", "b")), start="a", required="typo"), "no edge has the attribute 'typo'"),
    (lambda: swell.max_cut(graph_of(("a", "b", {"weight": None})), runs=1), "'weight' of edge 'a' - 'b' is None")])
def test_graphs_are_spoken_of_by_their_nodes(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_a_cut_starts_the_search_of_a_cut():
    graph = graph_of((9, "a"), ("a", "b"))
    cut = swell.max_cut(graph, runs=1, sweeps=10)
    assert cut.weight == 2 and swell.max_cut(graph, start=cut, runs=1, sweeps=1).weight == 2


@pytest.mark.parametrize("model", [{"a": 1.0}, swell.Ising.lattice(3, 3, 1.0), "cqm"])
def test_the_sampler_says_what_it_takes(model):
    dimod = pytest.importorskip("dimod")
    with pytest.raises(TypeError, match="a dimod.BinaryQuadraticModel is needed"):
        swell.SwellSampler(runs=1).sample(dimod.ConstrainedQuadraticModel() if model == "cqm" else model)
    with pytest.raises(TypeError, match="num_reads is '2'"):
        swell.SwellSampler(runs=1).sample(dimod.BinaryQuadraticModel("SPIN"), num_reads="2")


def test_schedules_of_arrays():
    schedule = swell.Schedule([[0, 1], [1, 3]])
    np.testing.assert_allclose(schedule([[0.0, 0.5], [1.0, 2.0]]), [[1, 2], [3, 3]])
    assert schedule(0.5) == 2.0


def test_names_are_kept_whole():
    assert list(swell.Machine().group("a\0b", 2).groups) == ["a\0b"]


def test_everything_comes_without_the_optional_packages():
    code = ("import sys\nfor name in ('dimod', 'sklearn', 'matplotlib', 'networkx', 'xarray'): sys.modules[name] = None\n"
            "from swell import *\nimport swell\nhasattr(swell, 'SwellSampler'), hasattr(swell, 'plot'), hasattr(swell, 'learn')\n"
            "try: swell.SwellSampler()\nexcept ImportError as error: print(error)\n")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "SwellSampler needs dimod, which is not here: pip install dimod\n", done.stderr
