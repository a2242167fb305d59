from collections.abc import Sequence
from typing import Annotated, overload

import numpy
from numpy.typing import NDArray


def hardware_threads() -> int:
    """Threads that this machine runs at once, at least 1."""

class Machine:
    @overload
    def __init__(self) -> None: ...

    @overload
    def __init__(self, arg: Machine, /) -> None: ...

    def _group(self, name: str, shape: Sequence[int], J2: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None, J3: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None, J4: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None, mobility: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None) -> None: ...

    def _group_sizes(self) -> list: ...

    def _kT(self, arg: float, /) -> None: ...

    def _couplings(self, arg: str, /) -> None: ...

    def _couple_dense(self, arg0: str, arg1: str, arg2: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], /) -> None: ...

    def _couple_pairs(self, arg0: str, arg1: Annotated[NDArray[numpy.int64], dict(shape=(None,), order='C', device='cpu', writable=False)], arg2: str, arg3: Annotated[NDArray[numpy.int64], dict(shape=(None,), order='C', device='cpu', writable=False)], arg4: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], /) -> None: ...

    def _bias(self, arg0: str, arg1: float, /) -> None: ...

    def _bias_each(self, arg0: str, arg1: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], /) -> None: ...

    @property
    def units(self) -> int:
        """How many units the machine has."""

    @property
    def kT(self) -> float:
        """Thermal energy where a protocol says nothing, E0."""

    @property
    def groups(self) -> dict:
        """Names of the groups and their shapes, in the order of the units."""

    @property
    def sets(self) -> list:
        """Names of the coupling sets."""

    @property
    def J2(self) -> NDArray[numpy.float64]:
        """On-site energies J2 x^2, [units], E0."""

    @property
    def J3(self) -> NDArray[numpy.float64]:
        """On-site energies J3 x^3, [units], E0."""

    @property
    def J4(self) -> NDArray[numpy.float64]:
        """On-site energies J4 x^4, [units], E0."""

    @property
    def mobility(self) -> NDArray[numpy.float64]:
        """Mobilities, [units], 1/(E0 time)."""

    def _matrix(self, arg: str, /) -> NDArray[numpy.float64]: ...

    def _biases(self, arg: str, /) -> NDArray[numpy.float64]: ...

    def _parameters(self, arg: str, /) -> int: ...

    def _state(self) -> tuple: ...

    def __getstate__(self) -> tuple: ...

    def __setstate__(self, arg: tuple, /) -> None: ...

class Ising:
    @overload
    def __init__(self, arg: Ising, /) -> None: ...

    @overload
    def __init__(self, units: int, a: Annotated[NDArray[numpy.int64], dict(shape=(None,), order='C', device='cpu', writable=False)], b: Annotated[NDArray[numpy.int64], dict(shape=(None,), order='C', device='cpu', writable=False)], J: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], h: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None) -> None: ...

    @staticmethod
    def _lattice(rows: int, columns: int, J: float, h: float) -> Ising: ...

    @property
    def units(self) -> int:
        """How many p-bits there are."""

    @property
    def edges(self) -> int:
        """How many couplings there are, each pair once."""

    @property
    def h(self) -> Annotated[NDArray[numpy.float64], dict(writable=False)]:
        """Fields, [units], in units of the couplings."""

    def _energy(self, arg: Annotated[NDArray[numpy.int8], dict(shape=(None,), order='C', device='cpu', writable=False)], /) -> float: ...

    def _fields(self, arg: Annotated[NDArray[numpy.int8], dict(shape=(None,), order='C', device='cpu', writable=False)], /) -> NDArray[numpy.float64]: ...

    def _rows(self) -> tuple: ...

    def __getstate__(self) -> tuple: ...

    def __setstate__(self, arg: tuple, /) -> None: ...

class LinearSystem:
    def __init__(self, arg0: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], arg1: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], arg2: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], /) -> None: ...

    @property
    def units(self) -> int:
        """How many quantities fluctuate."""

    @property
    def drift(self) -> Annotated[NDArray[numpy.float64], dict(writable=False)]:
        """M, [units, units], 1/time."""

    @property
    def c(self) -> Annotated[NDArray[numpy.float64], dict(writable=False)]:
        """c, [units]."""

    @property
    def noise(self) -> Annotated[NDArray[numpy.float64], dict(writable=False)]:
        """B B^T at kT = 1, [units, units]."""

    def __getstate__(self) -> tuple: ...

    def __setstate__(self, arg: tuple, /) -> None: ...

class Schedule:
    def __init__(self, knots: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], geometric: bool) -> None: ...

    @property
    def knots(self) -> NDArray[numpy.float64]:
        """Fraction of the segment and value, [knots, 2]."""

    @property
    def geometric(self) -> bool:
        """Whether lines are straight in the logarithm of the value."""

    def __call__(self, fraction: float) -> float:
        """The value at this fraction of the segment."""

    def __getstate__(self) -> tuple: ...

    def __setstate__(self, arg: tuple, /) -> None: ...

class Segment:
    def __init__(self, name: str, duration: float, couplings: int | str | None, kT: Schedule, drive: Sequence[tuple[str, Schedule]], clamped: Sequence[str]) -> None: ...

    def __getstate__(self) -> tuple: ...

    def __setstate__(self, arg: tuple, /) -> None: ...

    @property
    def name(self) -> str: ...

    @property
    def duration(self) -> float:
        """1/mu; of p-bits, sweeps."""

    @property
    def couplings(self) -> object:
        """The set in force: its name or number, or None."""

    @property
    def kT(self) -> Schedule:
        """Thermal energy, E0; without knots that of the machine holds."""

    @property
    def drive(self) -> list[tuple[str, Schedule]]:
        """Amplitude of the drive on each group that has one, E0."""

    @property
    def clamped(self) -> list[str]:
        """Groups that are held at their pattern."""

class Protocol:
    @overload
    def __init__(self, arg: Protocol, /) -> None: ...

    @overload
    def __init__(self, arg: str, /) -> None: ...

    @property
    def name(self) -> str: ...

    @property
    def segments(self) -> list[Segment]: ...

    def __getstate__(self) -> tuple: ...

    def __setstate__(self, arg: tuple, /) -> None: ...

    def _add(self, arg: Segment, /) -> None: ...

    def _steps(self, arg0: object, arg1: float, /) -> int: ...

def _energies(machine: Machine, x: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], couplings: str | None, force: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None) -> NDArray[numpy.float64]: ...

def _gradients(machine: Machine, x: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], couplings: str | None, force: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None) -> NDArray[numpy.float64]: ...

def _path_losses(machine: Machine, path: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], dt: float, kT: float, backwards: bool, couplings: str | None, force: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None) -> NDArray[numpy.float64]: ...

class Run:
    @property
    def _states(self) -> object: ...

    @property
    def _groups(self) -> list: ...

    @property
    def _kept(self) -> tuple: ...

    @property
    def _observed_units(self) -> tuple: ...

    @property
    def _snapshots(self) -> Annotated[NDArray[numpy.float32], dict(writable=False)]: ...

    @property
    def _course(self) -> object: ...

    @property
    def _averages(self) -> object: ...

    @property
    def observed(self) -> object:
        """
        Sums over moments as the library keeps them, [trajectories, sums] float64, or None without observe= or course=. A view. engine/run.h (ObservedSums) says what stands where.
        """

    @property
    def heat(self) -> Annotated[NDArray[numpy.float64], dict(writable=False)]:
        """
        Heat given to the bath, [trajectories, segments] float64, E0. A view. Change of V = work - heat.
        """

    @property
    def work(self) -> Annotated[NDArray[numpy.float64], dict(writable=False)]:
        """
        Work done by changes of the control, [trajectories, segments] float64, E0. A view.
        """

    @property
    def entropy(self) -> Annotated[NDArray[numpy.float64], dict(writable=False)]:
        """
        Entropy given to the bath, heat over kT step by step, [trajectories, segments] float64, k. A view.
        """

    @property
    def start_energy(self) -> Annotated[NDArray[numpy.float64], dict(writable=False)]:
        """V before the first step, [trajectories] float64, E0. A view."""

    @property
    def end_energy(self) -> Annotated[NDArray[numpy.float64], dict(writable=False)]:
        """V after the last step, [trajectories] float64, E0. A view."""

    @property
    def times(self) -> Annotated[NDArray[numpy.float64], dict(writable=False)]:
        """Times of the snapshots, [snapshots] float64, 1/mu. A view."""

    @property
    def flips(self) -> Annotated[NDArray[numpy.int64], dict(writable=False)]:
        """
        Flips of each trajectory of p-bits, [trajectories] int64. A view; empty for other machines.
        """

    @property
    def best_energy(self) -> Annotated[NDArray[numpy.float64], dict(writable=False)]:
        """
        The lowest energy of each trajectory of p-bits, [trajectories] float64. A view; empty for others.
        """

    @property
    def best_spins(self) -> Annotated[NDArray[numpy.int8], dict(writable=False)]:
        """The state with it, [trajectories, units] int8. A view."""

    @property
    def segments(self) -> list:
        """Names of the segments that were run."""

    @property
    def trajectories(self) -> int:
        """How many there are."""

    @property
    def units(self) -> int:
        """Units of the machine."""

    @property
    def steps(self) -> int:
        """Steps that each trajectory took."""

    @property
    def dt(self) -> float:
        """Step, 1/mu; 1 (a sweep) of p-bits."""

    @property
    def kT(self) -> float:
        """Thermal energy of the machine, E0."""

    @property
    def moments(self) -> int:
        """Moments that averages are over."""

    @property
    def interrupted(self) -> bool:
        """Whether it was stopped, and holds what was done until then."""

    @property
    def books_known(self) -> bool:
        """
        False for a linear system whose force has no potential: work, heat and energies are 0.
        """

    @property
    def first_law(self) -> float:
        """Largest |change of V - work + heat| of a trajectory, E0: rounding."""

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds of the simulation, couplings only."""

    @property
    def wall_s(self) -> float:
        """Wall time of the simulation, s."""

def _run(system: object, protocol: Protocol, options: dict, progress: object | None) -> object: ...

class Design:
    def __init__(self, arg: Design, /) -> None: ...

    @property
    def name(self) -> str:
        """Name of the design."""

    @property
    def description(self) -> str:
        """In a sentence."""

    @property
    def text(self) -> str:
        """The TOML that it was read from."""

    @property
    def dt(self) -> float:
        """Step, 1/mu."""

    @property
    def integrator(self) -> str:
        """How a step is taken: 'euler-maruyama' or 'leimkuhler-matthews'."""

    @property
    def _machine(self) -> Machine: ...

    @property
    def _protocols(self) -> object: ...

    @property
    def training(self) -> object:
        """
        How it was trained: method, images, residual or loss, seed, seconds. Empty where it was not.
        """

    @property
    def images(self) -> Annotated[NDArray[numpy.float64], dict(writable=False)]:
        """
        The first images that it was trained on, [images, pixels] float64, -1 to 1. A view.
        """

    def _fixed_patterns(self) -> NDArray[numpy.float64]: ...

    def _patterns(self, arg: object, /) -> NDArray[numpy.float64]: ...

    def _bytes(self) -> bytes: ...

    def _write(self, arg: str, /) -> None: ...

def _read(arg: str, /) -> Design: ...

def _parse_trained(arg0: bytes, arg1: str, /) -> Design: ...

def _parse(arg0: str, arg1: str, /) -> Design: ...

def _published() -> Design: ...

def _write_machine(arg0: str, arg1: Machine, arg2: str, /) -> None: ...

class _LinearAnswer:
    def _report(self) -> object: ...

    def _bill(self) -> object: ...

    @property
    def met(self) -> bool: ...

    @property
    def value(self) -> Annotated[NDArray[numpy.float64], dict(writable=False)]: ...

    @property
    def stderr(self) -> Annotated[NDArray[numpy.float64], dict(writable=False)]: ...

class _LogDeterminantAnswer:
    def _report(self) -> object: ...

    def _bill(self) -> object: ...

    @property
    def met(self) -> bool: ...

    @property
    def value(self) -> float: ...

    @property
    def stderr(self) -> float: ...

_linear_options: tuple = ...

def _solve(a: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], b: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], options: dict, progress: object | None) -> _LinearAnswer: ...

def _inverse(a: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], options: dict, progress: object | None) -> _LinearAnswer: ...

def _lyapunov(a: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], q: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], options: dict, progress: object | None) -> _LinearAnswer: ...

def _exponential(a: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], time: float, options: dict, progress: object | None) -> _LinearAnswer: ...

def _log_determinant(a: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], options: dict, progress: object | None) -> _LogDeterminantAnswer: ...

def _gaussian(given: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], matrix: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], is_precision: bool, information: bool, options: dict, progress: object | None) -> tuple: ...

def _quantile(level: float) -> float: ...

_search_options: tuple = ...

def _search(model: Ising, options: dict, progress: object | None) -> dict: ...

_route_options: tuple = ('seed', 'threads', 'time', 'runs', 'target')

def _tour_of_matrix(matrix: Annotated[NDArray[numpy.int64], dict(shape=(None, None), order='C', device='cpu', writable=False)], options: dict, progress: object | None) -> dict: ...

def _tour_of_points(points: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], rule: str, options: dict, progress: object | None) -> dict: ...

def _round(junctions: int, a: Annotated[NDArray[numpy.int64], dict(shape=(None,), order='C', device='cpu', writable=False)], b: Annotated[NDArray[numpy.int64], dict(shape=(None,), order='C', device='cpu', writable=False)], length: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], back: Annotated[NDArray[numpy.float64], dict(shape=(None,), order='C', device='cpu', writable=False)], must: Annotated[NDArray[numpy.int8], dict(shape=(None,), order='C', device='cpu', writable=False)], start: int, end: int | None, ends_anywhere: bool, options: dict, progress: object | None) -> dict: ...

_train_options: tuple = ...

_sample_options: tuple = ...

def _train(design: Design, images: object | None, labels: Sequence[int], options: dict, progress: object | None) -> tuple: ...

def _generate(design: Design, count: int, options: dict, progress: object | None) -> dict: ...

_neural_options: tuple = ...

def _neural_train(design: Design, X: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], labels: Annotated[NDArray[numpy.int64], dict(shape=(None,), order='C', device='cpu', writable=False)] | None, targets: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)] | None, options: dict, progress: object | None) -> tuple: ...

def _neural_answer(design: Design, X: Annotated[NDArray[numpy.float64], dict(shape=(None, None), order='C', device='cpu', writable=False)], options: dict, progress: object | None) -> dict: ...

def _neural_sizes(arg: Design, /) -> tuple: ...
