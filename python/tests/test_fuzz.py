"""Wrong arguments of every kind are Python exceptions, and never the end of the interpreter."""
import numpy as np
import pytest
import scipy.sparse
import swell

ALLOWED = (ValueError, TypeError, OverflowError, ArithmeticError, MemoryError, OSError, KeyError, AttributeError,
           ImportError, RuntimeError)


class Odd:
    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("no array")

    def __len__(self):
        return -1


def read_only(array):
    array.flags.writeable = False
    return array


ODD = [
    None, "text", b"bytes", True, -1, 0, 2**63, -2**70, 1e308, float("nan"), float("inf"), 1j, object(), Odd(), [], {}, (),
    [[]], [[1, 2], [3]], np.zeros(0), np.zeros((0, 3)), np.zeros((3, 0)), np.zeros((2, 2, 2, 2)), np.array(3.0),
    np.full((4, 4), np.nan), np.full((4, 4), np.inf), np.eye(4, dtype=np.float16), np.eye(4, dtype=np.longdouble),
    np.eye(4, dtype=bool), np.eye(4, dtype=complex), np.eye(4, dtype=object), np.eye(4).astype("U3"), np.eye(4, dtype=">f8"),
    np.eye(8)[::2, ::2], np.eye(4)[::-1], np.asfortranarray(np.triu(np.ones((4, 4)))), read_only(np.eye(4)),
    np.broadcast_to(1.0, (4, 4)), np.lib.stride_tricks.as_strided(np.zeros(1), (4, 4), (0, 0)), np.eye(4) * 1e300,
    np.eye(4) * 1e-320, np.array(["2020-01-01"], dtype="datetime64[D]"), np.zeros(4, dtype=[("a", "f8")]),
    scipy.sparse.eye(4, format="csr"), scipy.sparse.csr_matrix((0, 0)), scipy.sparse.coo_matrix(([1.0], ([3], [0])), (4, 4)),
    np.ma.masked_array(np.eye(4), mask=np.eye(4)), np.eye(4, dtype=np.uint8), np.int64(-5), "\0", "a" * 10**5, range(4),
    [[0, 0]], [[0.0]], [[0, 0], [3, 4]], (1,), (None,) * 7,
]

MACHINE = swell.Machine().group("x", 4).couplings("J").couple("x", "x", np.ones((4, 4)) - np.eye(4))
REST = swell.Protocol().segment("s", 0.1)
MODEL = swell.Ising(np.ones((4, 4)) - np.eye(4))
FAST = {"samples": 64, "threads": 1, "budget": 1.0}
SMALL = swell.design("whitelam2026", visible=(2, 2), hidden=2)


def machine():
    return swell.Machine().group("x", 4).group("y", 3).couplings("J")


def one_step(**options):
    return swell.run(MACHINE, REST, **({"dt": 0.1, "trajectories": 1} | options))


CALLS = [
    lambda v: swell.Machine(v), lambda v: swell.Machine().group(v, 3), lambda v: swell.Machine().group("x", v).units if not isinstance(v, int) or abs(v) < 9 else swell.Machine().group("x", [3, v]),
    lambda v: swell.Machine().group("x", 4, J2=v).units, lambda v: swell.Machine().group("x", 4, mobility=v).units,
    lambda v: machine().couplings(v), lambda v: machine().couple("x", "x", v).matrix("J"), lambda v: machine().couple("x", "y", v).units,
    lambda v: machine().couple(v, "x", np.eye(4)), lambda v: machine().couple_units("x", v, "y", v, 1.0).units,
    lambda v: machine().couple_units("x", 0, "y", 0, v).units, lambda v: machine().bias("x", v).units, lambda v: machine().bias(v, 1),
    lambda v: MACHINE.energy(v), lambda v: MACHINE.gradient(np.zeros(4), v), lambda v: MACHINE.energy(np.zeros(4), force=v),
    lambda v: MACHINE.path_loss(v, 0.1), lambda v: MACHINE.path_loss(np.zeros((3, 4)), v), lambda v: MACHINE.matrix(v),
    *[lambda v, kind=kind: kind.__new__(kind).__setstate__(v) for kind in (swell.Machine, swell.Ising, swell.LinearSystem, swell.Protocol,
                                                                             swell.Schedule, swell._swell.Segment)],
    *[lambda v, kind=kind: kind.__new__(kind).__setstate__((v,) * 7) for kind in (swell.Machine, swell.Ising)],
    lambda v: swell.Schedule(v), lambda v: swell.Protocol(v), lambda v: swell.Protocol().segment(v, 1.0), lambda v: swell.Protocol().segment("s", v),
    lambda v: one_step() and swell.run(MACHINE, swell.Protocol().segment("s", 0.1, v), dt=0.1),
    lambda v: swell.run(MACHINE, swell.Protocol().segment("s", 0.1, kT=v), dt=0.1),
    lambda v: swell.run(MACHINE, swell.Protocol().segment("s", 0.1, drive=v), dt=0.1),
    lambda v: swell.run(MACHINE, swell.Protocol().segment("s", 0.1, drive={"x": v}), dt=0.1, patterns={"x": 1}),
    lambda v: swell.run(MACHINE, swell.Protocol().segment("s", 0.1, clamp=v), dt=0.1),
    lambda v: swell.run(v, REST, dt=0.1), lambda v: swell.run(MACHINE, v, dt=0.1), lambda v: swell.run([v, v], REST, dt=0.1),
    lambda v: swell.Ising(v), lambda v: swell.Ising(np.zeros((4, 4)), v), lambda v: swell.Ising.from_edges(4, v, 1.0),
    lambda v: swell.Ising.from_edges(v, [[0, 1]], 1.0) if not isinstance(v, int) or abs(v) < 9 else None,
    lambda v: swell.Ising.lattice(v, 3, 1.0) if not isinstance(v, int) or abs(v) < 9 else None, lambda v: MODEL.energy(v), lambda v: MODEL.local_fields(v),
    lambda v: swell.LinearSystem(v, np.eye(4)), lambda v: swell.LinearSystem(np.eye(4), v), lambda v: swell.LinearSystem(np.eye(4), np.eye(4), v),
    lambda v: swell.run(swell.LinearSystem(np.eye(4), 2 * np.eye(4), stiffness=v), swell.Protocol().segment("s", 0.1, 0), dt=0.1),
    lambda v: swell.linalg.solve(v, np.ones(4), **FAST), lambda v: swell.linalg.solve(np.eye(4), v, **FAST),
    lambda v: swell.linalg.inv(v, **FAST), lambda v: swell.linalg.logdet(v, **FAST), lambda v: swell.linalg.lyapunov(np.eye(4), v, **FAST),
    lambda v: swell.linalg.lyapunov(v, np.eye(4), **FAST), lambda v: swell.linalg.expm(np.eye(4), v, **FAST), lambda v: swell.linalg.expm(v, **FAST),
    lambda v: swell.linalg.sample_gaussian(covariance=v, **FAST), lambda v: swell.linalg.sample_gaussian(precision=np.eye(4), mean=v, **FAST),
    lambda v: swell.route.tour(v, runs=1, threads=1), lambda v: swell.route.tour(np.eye(4)[:, :2], rule=v, runs=1),
    lambda v: swell.route.postman(v, runs=1), lambda v: swell.max_cut(v, runs=1), lambda v: swell.ground_state(v, runs=1, sweeps=10),
    lambda v: swell.read(v), lambda v: swell.design(v), lambda v: swell.Generator(v), lambda v: swell.Generator(SMALL).fit(v),
    lambda v: swell.Generator(SMALL).fit(np.eye(2)[None], v), lambda v: SMALL.patterns(v),
]
RUN_OPTIONS = ["trajectories", "seed", "dt", "integrator", "rule", "precision", "engine", "start", "after", "patterns", "snapshots",
               "snapshots_from", "snapshot_group", "snapshot_trajectories", "observe", "observe_from", "observe_group", "course",
               "kT_of_trajectory", "first_trajectory", "first_step", "tile", "isa", "checkpoint_every", "progress"]
SEARCH_OPTIONS = ["method", "seed", "budget", "time", "runs", "sweeps", "hot", "cold", "target", "isa"]
LINEAR_OPTIONS = ["device", "integrator", "kT", "dt", "clock", "bits", "mitigate", "samples", "replicas", "tolerance", "most_samples",
                  "interval", "burn_in", "seed"]
LONG = (2**63, 1e308, float("inf"))  # that many sweeps, samples or seconds are allowed, and take long


def survives(call, value):
    try:
        call(value)
    except ALLOWED:
        pass


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("number", range(len(CALLS)))
def test_odd_values_are_exceptions(number):
    for value in ODD:
        survives(CALLS[number], value)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", RUN_OPTIONS)
def test_odd_options_of_a_run(name):
    for value in ODD:
        survives(lambda v: one_step(**{name: v}), value)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SEARCH_OPTIONS)
def test_odd_options_of_a_search(name):
    for value in ODD:
        if isinstance(value, (int, float)) and value in LONG:
            continue
        survives(lambda v: swell.ground_state(MODEL, **({"runs": 1, "sweeps": 10, "threads": 1} | {name: v})), value)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", LINEAR_OPTIONS)
def test_odd_options_of_linear_algebra(name):
    for value in ODD:
        survives(lambda v: swell.linalg.inv(np.eye(4), **(FAST | {name: v})), value)
