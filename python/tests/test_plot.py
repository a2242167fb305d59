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
        plot.convergence([look["samples"] for look in looks], [look["error_norm"] for look in looks]),
        plot.tour(points, swell.route.tour(points, runs=1).order)]
    assert set(plot.__all__) == {"grid", "couplings", "receptive_fields", "heat", "course", "landscape", "convergence", "tour",
                                 "film"}
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
