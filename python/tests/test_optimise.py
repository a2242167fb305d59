"""Ground states, cuts, tours and rounds: found, counted anew, and in the conventions of dimod and networkx."""
import itertools
import unittest

import numpy as np
import pytest
import swell

dimod = pytest.importorskip("dimod")
networkx = pytest.importorskip("networkx")
import dimod.testing  # noqa: E402

QUICK = {"runs": 1, "sweeps": 200}


class Quick(swell.SwellSampler):
    def __init__(self):
        super().__init__(**QUICK)


@dimod.testing.load_sampler_bqm_tests(Quick)
class TestDimodsOwn(unittest.TestCase):
    pass


def test_dimods_sampler_api():
    dimod.testing.assert_sampler_api(Quick())


def test_the_lowest_energy_is_found_and_counted():
    rng = np.random.default_rng(3)
    bqm = dimod.BinaryQuadraticModel(rng.normal(size=(10, 10)), "BINARY")
    samples = Quick().sample(bqm, num_reads=3, seed=1)
    best = min(bqm.energy(dict(zip(bqm.variables, bits))) for bits in itertools.product((0, 1), repeat=10))
    assert abs(samples.first.energy - best) < 1e-9
    dimod.testing.assert_response_energies(samples, bqm)
    assert samples.record.num_occurrences.sum() == 3
    assert "heat" in samples.record.dtype.names and samples.info["timing"]["total_s"] > 0


def test_qubo_and_ising():
    assert Quick().sample_qubo({("a", "a"): -1, ("a", "b"): 2}).first.sample == {"a": 1, "b": 0}
    assert Quick().sample_ising({}, {(0, 1): 1, (1, 2): 1, (0, 2): 1}).first.energy == -1
    with pytest.raises(TypeError, match="sweps"):
        swell.SwellSampler(sweps=3)


def glass(units=150, seed=6):
    rng = np.random.default_rng(seed)
    J = rng.choice([-1.0, 0.0, 1.0], size=(units, units), p=[0.05, 0.9, 0.05])
    return swell.Ising(np.triu(J, 1) + np.triu(J, 1).T, rng.normal(size=units))


@pytest.mark.parametrize("method", ["anneal", "tempering", "langevin"])
def test_a_search_is_no_worse_than_its_start(method):
    model = glass()
    good = swell.ground_state(model, runs=8, sweeps=3000)
    brief = {"runs": 1, "sweeps": 10, "method": method}
    assert swell.ground_state(model, **brief).energy > good.energy
    assert swell.ground_state(model, start=good, **brief).energy <= good.energy
    assert swell.ground_state(model, start=np.stack([np.ones(150), good.spins]), **brief).energy <= good.energy
    for wrong in (np.ones(149), np.zeros(150), np.zeros((0, 150)), np.ones((1, 1, 150))):
        with pytest.raises(ValueError, match="start"):
            swell.ground_state(model, start=wrong, **brief)


def test_reads_begin_in_the_states_of_a_sample_set():
    model = glass()
    pairs, J = model.edge_list()
    bqm = dimod.BinaryQuadraticModel({f"v{k}": -h for k, h in enumerate(model.h)},
                                     {(f"v{a}", f"v{b}"): -value for (a, b), value in zip(pairs, J)}, 0.5, "SPIN")
    earlier = swell.SwellSampler().sample(bqm, num_reads=2, runs=4, sweeps=3000)
    # So cold that nothing flips upwards: each read stays in the minimum that it begins in.
    frozen = swell.SwellSampler(runs=1, sweeps=5, hot=1e-3, cold=1e-3)
    again = frozen.sample(bqm, initial_states=earlier)
    assert len(again.info["reads"]) == len(earlier)
    assert again.first.energy <= earlier.first.energy
    # Bits as well as spins, samples in another order of variables, one state for three reads.
    bits = earlier.change_vartype("BINARY", inplace=False)
    assert frozen.sample(bqm.change_vartype("BINARY", inplace=False), initial_states=earlier).first.energy <= earlier.first.energy
    assert frozen.sample(bqm, initial_states=bits).first.energy <= earlier.first.energy
    first = dict(reversed(list(earlier.first.sample.items())))
    tiled = frozen.sample(bqm, num_reads=3, initial_states=first, initial_states_generator="tile")
    assert tiled.record.num_occurrences.sum() == 3 and (tiled.record.energy <= earlier.first.energy).all()
    mixed = frozen.sample(bqm, num_reads=3, initial_states=first)  # two random ones
    assert mixed.first.energy <= earlier.first.energy < mixed.record.energy.max()
    with pytest.raises(ValueError, match="insufficient"):
        frozen.sample(bqm, num_reads=3, initial_states=first, initial_states_generator="none")
    with pytest.raises(ValueError, match="mismatch"):
        frozen.sample(bqm, initial_states={"other": 1})
    with pytest.raises(ValueError, match="goes with initial_states="):
        frozen.sample(bqm, initial_states_generator="tile")


def test_same_answer_for_any_threads():
    model = swell.Ising.lattice(12, 12, -1.0)
    answers = [swell.ground_state(model, threads=threads, seed=4, **QUICK) for threads in (1, 2)]
    assert answers[0].spins.tobytes() == answers[1].spins.tobytes()
    assert answers[0].energy == model.energy(answers[0].spins)


def test_cut_of_a_bipartite_graph_is_all_of_it():
    cut = swell.max_cut(networkx.complete_bipartite_graph(5, 6), **QUICK)
    assert cut.weight == 30 and {len(side) for side in cut.sides} == {5, 6}
    graph = networkx.MultiGraph([("a", "b"), ("a", "b"), ("b", "b")])
    assert swell.max_cut(graph, **QUICK).weight == 2


def test_tours():
    angle = np.random.default_rng(4).permutation(30) * 2 * np.pi / 30
    points = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    tour = swell.route.tour(points, budget=0.3)
    exact = 30 * 2 * np.sin(np.pi / 30)
    assert abs(tour.length - exact) < 1e-9 and sorted(tour.order) == list(range(30))
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    assert abs(swell.route.tour(distances, budget=0.3).length - exact) < 1e-6
    whole = swell.route.tour(np.rint(1000 * distances), budget=0.3)
    assert whole.length == whole.bound or whole.bound is None or whole.bound <= whole.length
    assert swell.route.tour(1000 * points, rule="EUC_2D", budget=0.3).length == int(swell.route.tour(
        1000 * points, rule="EUC_2D", budget=0.3).length)


@pytest.mark.parametrize("wrong", [np.zeros((2, 3)), np.zeros((0, 2)), [[0, 1], [1, np.inf]], np.eye(4) - np.triu(np.ones((4, 4))),
                                   [[0, 1, 1], [2, 0, 1], [1, 1, 0]]])
def test_wrong_tours_are_value_errors(wrong):
    with pytest.raises(ValueError):
        swell.route.tour(wrong, budget=0.1)


def test_rounds_walk_every_edge():
    for graph in (networkx.petersen_graph(), networkx.MultiGraph([(0, 1), (0, 1), (1, 2)])):
        walk = swell.route.postman(graph, budget=0.3)
        count = {frozenset(edge[:2]): 0 for edge in walk.edges}
        for edge in walk.edges:
            assert graph.has_edge(*edge)
            count[frozenset(edge[:2])] += 1
        assert all(count.get(frozenset(edge), 0) >= graph.number_of_edges(*edge) for edge in graph.edges())
        assert walk.length == len(walk.edges) and walk.nodes[0] == walk.nodes[-1]
        assert all((a, b) == edge[:2] for a, b, edge in zip(walk.nodes, walk.nodes[1:], walk.edges))
    assert swell.route.postman(networkx.petersen_graph(), budget=0.3).length == 20  # ten odd nodes: 5 edges twice


def test_rounds_of_required_edges_and_one_way_streets():
    graph = networkx.cycle_graph(6)
    graph.edges[0, 1]["post"] = True
    walk = swell.route.postman(graph, required="post", start=3, budget=0.3)
    assert walk.length == 6 and (0, 1) in {tuple(sorted(edge)) for edge in walk.edges}
    circle = networkx.DiGraph([(0, 1), (1, 2), (2, 0)])
    assert swell.route.postman(circle, budget=0.3).edges == [(0, 1), (1, 2), (2, 0)]
    ends = swell.route.postman(networkx.path_graph(4), end="anywhere", budget=0.3)
    assert ends.length == 3
    with pytest.raises(ValueError, match="not in the graph"):
        swell.route.postman(graph, start=99)


@pytest.mark.parametrize("where, options", [([[0, 0]], {"runs": 1}), ([[5.0]], {"runs": 1}), ([[0, 0]], {"rule": "EUC_2D", "budget": 0.1})])
def test_a_tour_of_one_city_has_no_length(where, options):
    tour = swell.route.tour(where, **options)
    assert tour.order.tolist() == [0] and tour.length == 0


def test_a_tour_of_two_cities_goes_there_and_back():
    tour = swell.route.tour([[0, 0], [3, 4]], runs=1)
    assert sorted(tour.order.tolist()) == [0, 1] and tour.length == 10


def test_the_rule_of_p_bits_is_an_option_and_is_told():
    model = swell.Ising(np.diag(np.ones(5), 1) + np.diag(np.ones(5), -1))
    assert swell.ground_state(model, runs=1, sweeps=10).info["rule"] == "metropolis"
    assert swell.ground_state(model, runs=1, sweeps=10, rule="gibbs").info["rule"] == "gibbs"
    with pytest.raises(ValueError, match="rule 'heat'.*gibbs"):
        swell.ground_state(model, runs=1, rule="heat")
