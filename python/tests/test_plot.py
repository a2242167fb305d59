"""Every picture is drawn, from what the package returns."""
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
        plot.tour(points, swell.route.tour(points, runs=1).order)]
    assert set(plot.__all__) == {"grid", "couplings", "receptive_fields", "heat", "course", "landscape", "convergence", "tour",
                                 "streets", "film"}
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
