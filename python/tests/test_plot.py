"""Every picture is drawn, from what the package returns."""
import sys

import numpy as np
import pytest
import swell

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402


def test_every_picture(tmp_path):
    plot = swell.plot
    machine = swell.Machine(kT=0.3).group("x", (4, 4), J2=-1, J4=1).group("h", 6)
    machine.couplings("J").couple("x", "h", np.random.default_rng(1).normal(size=(16, 6)))
    run = swell.run(machine, swell.Protocol().segment("a", 2.0).segment("b", 2.0, "J"), trajectories=50, dt=0.01,
                    course=0.2, snapshots=0.5)
    points = np.random.default_rng(2).normal(size=(12, 2))
    looks = swell.linalg.inv(np.eye(4) + 0.1, seed=1).diagnostics["looks"]
    axes = [
        plot.grid(run.states["x"][:9]), plot.couplings(machine, "J"), plot.receptive_fields(machine, "J", "h", "x"),
        plot.heat(run.heat.sum(1), unit="E0"), plot.course(run), plot.landscape(-1, 0, 1, kT=0.3),
        plot.convergence([look["samples"] for look in looks], [look["error"] for look in looks]),
        plot.tour(points, swell.route.tour(points, runs=1).order), plot.covariance(np.cov(points.T), np.eye(2))]
    assert set(plot.__all__) == {"grid", "couplings", "receptive_fields", "heat", "course", "landscape", "convergence", "covariance",
                                 "readings", "tour", "streets", "film"}  # the others have tests of their own
    for k, ax in enumerate(axes):
        ax.figure.savefig(tmp_path / f"{k}.png", dpi=60)
        plt.close(ax.figure)
    assert "<" in plot.film(run.snapshots["x"][:3, :4]).to_jshtml()
    plt.close("all")


def test_wrong_groups_are_named():
    machine = swell.Machine().group("x", 3).couplings("J").couple("x", "x", np.zeros((3, 3)))
    with pytest.raises(ValueError, match="x"):
        swell.plot.receptive_fields(machine, "J", "h", "x")
    with pytest.raises(ValueError, match="two extents"):
        swell.plot.receptive_fields(machine, "J", "x", "x")


def test_tours_and_walks_lie_where_their_places_are():
    networkx = pytest.importorskip("networkx")
    points = np.random.default_rng(2).normal(size=(9, 2))
    tour = swell.route.tour(points, runs=1)
    line = swell.plot.tour(points, tour).lines[0].get_xydata()
    np.testing.assert_array_equal(line, points[np.append(tour.order, tour.order[0])])
    assert swell.plot.tour([[10.0, 60.0], [11, 60]], [0, 1], degrees=True).get_aspect() == pytest.approx(2)  # 1 / cos 60
    graph = networkx.MultiDiGraph()
    graph.add_nodes_from([(0, {"x": 0.0, "y": 0.0}), (1, {"pos": (2.0, 0.0)}), (2, {"x": 1.0, "y": 2.0})])
    graph.add_edges_from([(0, 1, {"geometry": [(2, 0), (1, -1), (0, 0)]}), (1, 2, {}), (2, 0, {}), (1, 2, {})])
    walk = swell.route.postman(graph, runs=1)
    ax = swell.plot.streets(graph, walk)
    streets, ways = ax.collections[:2]
    assert len(streets.get_segments()) == 4 and len(ways.get_segments()) == len(walk.edges) == 6
    np.testing.assert_array_equal(streets.get_segments()[0], [(0, 0), (1, -1), (2, 0)])  # along the edge, not as it is kept
    for edge, way in zip(walk.edges, ways.get_segments()):
        a, b = (np.array({0: (0, 0), 1: (2, 0), 2: (1, 2)}[node]) for node in edge[:2])
        side = (b - a)[0] * (way[0] - a)[1] - (b - a)[1] * (way[0] - a)[0]
        assert side < 0 and np.hypot(*(way[0] - a)) < 0.05 and np.hypot(*(way[-1] - b)) < 0.05  # to the right, and near
    swell.plot.streets(graph, positions={0: (0, 0), 1: (1, 1), 2: (2, 0)})
    with pytest.raises(ValueError, match="node 0 has no place"):
        swell.plot.streets(networkx.path_graph(2))
    with pytest.raises(ValueError, match="order"):
        swell.plot.tour(points, [])
    plt.close("all")


def test_a_covariance_is_drawn_against_the_true_one():
    A = np.diag([1.0, 2.0, 3.0]) + 0.2
    answer, true = swell.linalg.inv(A, seed=2), np.linalg.inv(A)
    ax = swell.plot.covariance(answer, true)
    covariances, variances = ax.containers
    own = np.eye(3, dtype=bool)
    for container, part in ((covariances, ~own), (variances, own)):
        np.testing.assert_array_equal(container.lines[0].get_xydata(), np.stack([true[part], answer.value[part]], axis=1))
        bars = np.array(container.lines[2][0].get_segments())[:, :, 1]
        np.testing.assert_allclose(np.diff(bars, axis=1)[:, 0], 2 * answer.stderr[part], rtol=1e-9)
    line = ax.lines[0].get_xydata()
    np.testing.assert_array_equal(line[:, 0], line[:, 1])
    assert len(swell.plot.covariance([1.0, 2.0], [1.1, 2.1]).containers) == 1  # any array, without errors
    for sampled, true, stderr, words in (([1.0], [1.0, 2.0], None, "one shape"), ([], [], None, "not empty"),
                                         ([1.0], [1.0], [1.0, 2.0], "stderr has shape"), ([np.nan], [1.0], None, "finite")):
        with pytest.raises(ValueError, match=words):
            swell.plot.covariance(sampled, true, stderr)
    plt.close("all")


def test_accuracy_is_drawn_against_heat():
    learn = pytest.importorskip("swell.learn")
    kTs, times = np.array([0.1, 1.0]), np.array([0.2, 0.4, 1.0])
    score = swell.Estimate(np.linspace(0.5, 0.9, 6).reshape(2, 3), np.full((2, 3), 0.01))
    heat = swell.Estimate(np.linspace(10.0, 60.0, 6).reshape(2, 3), np.full((2, 3), 2.0))
    ax = swell.plot.readings(learn.Readings(times, kTs, score, heat, "accuracy", 1))
    for k, line in enumerate(ax.containers):
        np.testing.assert_array_equal(line.lines[0].get_xydata(), np.stack([heat.value[k], score.value[k]], axis=1))
        across, up = (np.array(bars.get_segments()) for bars in line.lines[2])
        np.testing.assert_allclose(np.ptp(across[:, :, 0], axis=1), 4.0)
        np.testing.assert_allclose(np.ptp(up[:, :, 1], axis=1), 0.02)
    marks = ax.collections[-3:]  # a kind for each time
    np.testing.assert_array_equal(marks[1].get_offsets(), np.stack([heat.value[:, 1], score.value[:, 1]], axis=1))
    assert set(ax.get_legend_handles_labels()[1]) == {"t = 0.2 / mu", "t = 0.4 / mu", "t = 1 / mu", "kT = 0.1 E0", "kT = 1 E0"}
    assert ax.get_xscale() == "log"
    one = learn.Readings(times[:1], kTs, *(swell.Estimate(e.value[:, :1], e.stderr[:, :1]) for e in (score, heat)), "R^2", 1)
    ax = swell.plot.readings(one)
    np.testing.assert_array_equal(ax.containers[0].lines[0].get_xydata(), [[10.0, 0.5], [40.0, score.value[1, 0]]])
    assert {"kT = 0.1 E0", "kT = 1 E0"} <= set(ax.get_legend_handles_labels()[1]) and ax.get_ylabel() == "R^2"
    plt.close("all")


@pytest.mark.parametrize("draw, words", [
    (lambda plot: plot.grid(np.zeros((0, 3, 3))), "one image or more"), (lambda plot: plot.grid(np.zeros((2, 0, 3))), "one pixel"),
    (lambda plot: plot.grid(np.zeros((2, 3, 3)), columns=0), "columns is 0"), (lambda plot: plot.convergence([], []), "0 samples"),
    (lambda plot: plot.convergence([1.0, 2.0], [1.0]), "2 samples and 1 errors"), (lambda plot: plot.convergence([0.0], [1.0]), "above 0"),
    (lambda plot: plot.tour(np.eye(2), [0, 2]), "city 2; there are cities 0 to 1"), (lambda plot: plot.tour(np.eye(2), [-1, 0]), "city -1"),
    (lambda plot: plot.film(np.zeros((0, 2, 3, 3))), "one frame or more"), (lambda plot: plot.film(np.zeros((2, 0, 3, 3))), "one image"),
    (lambda plot: plot.heat([]), "no values"), (lambda plot: plot.heat([np.nan]), "finite")])
def test_nothing_to_draw_is_a_value_error(draw, words):
    with pytest.raises(ValueError, match=words):
        draw(swell.plot)


@pytest.mark.parametrize("draw", [lambda plot, graph: plot.film(np.zeros((2, 2, 3, 3))), lambda plot, graph: plot.streets(graph, positions={0: (0, 0), 1: (1, 1)}),
                                  lambda plot, graph: plot.heat([1.0])])
def test_without_matplotlib_it_says_what_to_install(draw, monkeypatch):
    networkx = pytest.importorskip("networkx")
    for name in [name for name in sys.modules if name.split(".")[0] == "matplotlib"]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match="pip install matplotlib"):
        draw(swell.plot, networkx.path_graph(2))
