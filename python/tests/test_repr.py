"""What a person sees of each object: one short line, a table in notebooks."""
import html.parser
import inspect

import numpy as np
import pytest
import swell

REST = swell.Protocol().segment("rest", 1.0)
SPEC = "[couplings]\nmismatch = '1 %'\n"
SHORT = 220
ERRORS = (swell.Diverged, swell.ToleranceMissed, swell.Interrupted)


def machine():
    return swell.Machine().group("x", 9).group("image", (2, 3)).couplings("J").bias("x", 0.1)


def run():
    return swell.run(machine(), REST, dt=0.1, trajectories=4, course=0.01 * 10, snapshots=0.1)


def sampled(K, bias, count):
    return np.random.default_rng(1).multivariate_normal(np.zeros(2), np.linalg.inv(K), count)


def classifier():
    X, y = np.linspace(-1, 1, 20)[:, None], np.arange(20) // 10
    return swell.learn.Classifier(hidden=2, updates=2).fit(X, y), X, y


def graph():
    return pytest.importorskip("networkx").cycle_graph(200)


def small():
    return swell.Generator(swell.design("whitelam2026", visible=(4, 4), hidden=8)).fit(np.eye(4)[None], tolerance=0.1)


MADE = {
    "Machine": machine, "Run": run, "Course": lambda: run().course, "Estimate": lambda: run().course.heat, "GroupArray": lambda: run().states,
    "Protocol": lambda: REST, "Schedule": lambda: swell.Schedule(np.linspace(0, 1, 1000).repeat(2).reshape(-1, 2)),
    "Ising": lambda: swell.Ising.lattice(20, 20, 1.0), "LinearSystem": lambda: swell.LinearSystem(np.eye(50), np.eye(50)),
    "Design": lambda: swell.design("classifier"), "Generator": small, "Samples": lambda: small().sample(50),
    "GroundState": lambda: swell.ground_state(swell.Ising.lattice(20, 20, 1.0), runs=1, sweeps=5),
    "Cut": lambda: swell.max_cut(graph(), runs=1, sweeps=5), "Calibration": lambda: swell.calibrate(np.eye(2), sampled, samples=200),
    "SwellSampler": lambda: pytest.importorskip("dimod") and swell.SwellSampler(runs=1),
    "linalg.Answer": lambda: swell.linalg.inv(np.eye(9), samples=64), "route.Tour": lambda: swell.route.tour(np.random.rand(200, 2), runs=1),
    "route.Round": lambda: swell.route.postman(graph(), runs=1), "entropy.Source": lambda: swell.entropy.open("os"),
    "hardware.Board": lambda: swell.hardware.board("rc\nr1 a 0 1k\nc1 a 0 1p\n.temp 26.85\n"),
    "hardware.Chip": lambda: swell.hardware.Chip(small().design, SPEC), "learn.Classifier": swell.learn.Classifier,
    "hardware.Retrained": lambda: swell.hardware.Retrained(small().trained, 1.0, 0.5, 0.1, 40, 50, True),
    "learn.Regressor": swell.learn.Regressor, "learn.Readings": lambda: classifier()[0].read(*classifier()[1:], kTs=np.linspace(0.1, 1, 9)),
}


class Tags(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def looked_over(made):
    line = repr(made)
    assert len(line) <= SHORT and "\n" not in line and " at 0x" not in line, line
    if hasattr(made, "_repr_html_") and not type(made).__module__.startswith("sklearn") and not hasattr(made, "get_params"):
        tags = Tags()
        page = made._repr_html_()
        tags.feed(page)
        assert "table" in page and not tags.open and len(page) < 4000
    return line


@pytest.mark.parametrize("name", MADE)
def test_every_object_has_a_short_line(name):
    line = looked_over(MADE[name]())
    assert line.startswith(name.split(".")[-1] + "("), line


def test_every_public_class_is_looked_at():
    found = set()
    for module in (swell, swell.linalg, swell.route, swell.learn, swell.hardware, swell.entropy, swell.plot):
        for name in module.__all__:
            thing = getattr(module, name)
            if inspect.isclass(thing) and thing not in ERRORS:
                found.add(f"{module.__name__}.{name}".removeprefix("swell."))
    assert found == set(MADE)


@pytest.mark.parametrize("made, words", [
    (swell.Machine(), "no units"), (swell.Machine().group("a", 3, J2=-1), "a: 3 units; not complete: group 'a'"),
    (swell.Machine().group("a", 2).group("b", 3, J2=-1.0), "not complete: group 'b'")])
def test_a_machine_on_its_way_says_what_it_lacks(made, words):
    assert words in looked_over(made)
    with pytest.raises(ValueError):
        made.units


def test_segments_and_the_parts_of_a_protocol_say_what_they_are():
    assert repr(REST.segments[0]) == "Segment('rest', duration 1)"
    assert repr(swell.Schedule([[0, 1], [1, 2]])) == "Schedule([[0.0, 1.0], [1.0, 2.0]])"
    assert repr(swell.Estimate(1.0, 0.1)) == "Estimate(1 +- 0.1)"
