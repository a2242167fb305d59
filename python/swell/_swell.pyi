from collections.abc import Sequence
from typing import Any, overload

import numpy
import numpy.typing
from numpy.typing import NDArray


__version__: str

def hardware_threads() -> int:
    """
    Threads that this machine runs at once, at least 1. No errors.

    Examples
    --------
    >>> import swell
    >>> swell.hardware_threads() >= 1
    True
    """

class Machine:
    @overload
    def __init__(self) -> None: ...

    @overload
    def __init__(self, arg: Machine, /) -> None: ...

    def _group(self, name: str, shape: Sequence[int], J2: NDArray[numpy.float64] | None, J3: NDArray[numpy.float64] | None, J4: NDArray[numpy.float64] | None, mobility: NDArray[numpy.float64] | None) -> None: ...

    def _group_sizes(self) -> list[Any]: ...

    def _kT(self, arg: float, /) -> None: ...

    def _couplings(self, arg: str, /) -> None: ...

    def _couple_dense(self, arg0: str, arg1: str, arg2: NDArray[numpy.float64], /) -> None: ...

    def _couple_pairs(self, arg0: str, arg1: NDArray[numpy.int64], arg2: str, arg3: NDArray[numpy.int64], arg4: NDArray[numpy.float64], /) -> None: ...

    def _bias(self, arg0: str, arg1: float, /) -> None: ...

    def _bias_each(self, arg0: str, arg1: NDArray[numpy.float64], /) -> None: ...

    @property
    def units(self) -> int:
        """How many units the machine has."""

    @property
    def kT(self) -> float:
        """Thermal energy where a protocol says nothing, E0."""

    @property
    def groups(self) -> dict[str, Any]:
        """Names of the groups and their shapes, in the order of the units."""

    @property
    def sets(self) -> list[Any]:
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

    def _state(self) -> tuple[Any, ...]: ...

    def __getstate__(self) -> tuple[Any, ...]: ...

    def __setstate__(self, arg: tuple[Any, ...], /) -> None: ...

class Ising:
    @overload
    def __init__(self, arg: Ising, /) -> None: ...

    @overload
    def __init__(self, units: int, a: NDArray[numpy.int64], b: NDArray[numpy.int64], J: NDArray[numpy.float64], h: NDArray[numpy.float64] | None) -> None: ...

    @staticmethod
    def _lattice(rows: int, columns: int, J: float, h: float) -> Ising: ...

    @property
    def units(self) -> int:
        """How many p-bits there are."""

    @property
    def edges(self) -> int:
        """How many couplings there are, each pair once."""

    @property
    def h(self) -> NDArray[numpy.float64]:
        """Fields, [units], in units of the couplings."""

    def _energy(self, arg: NDArray[numpy.int8], /) -> float: ...

    def _fields(self, arg: NDArray[numpy.int8], /) -> NDArray[numpy.float64]: ...

    def _rows(self) -> tuple[Any, ...]: ...

    def __getstate__(self) -> tuple[Any, ...]: ...

    def __setstate__(self, arg: tuple[Any, ...], /) -> None: ...

class LinearSystem:
    def __init__(self, drift: NDArray[numpy.float64], c: NDArray[numpy.float64], noise: NDArray[numpy.float64], stiffness: NDArray[numpy.float64] | None = None) -> None: ...

    @property
    def units(self) -> int:
        """How many quantities fluctuate."""

    @property
    def drift(self) -> NDArray[numpy.float64]:
        """M, [units, units], 1/time."""

    @property
    def c(self) -> NDArray[numpy.float64]:
        """c, [units]."""

    @property
    def noise(self) -> NDArray[numpy.float64]:
        """B B^T at kT = 1, [units, units]."""

    @property
    def stiffness(self) -> numpy.typing.NDArray[numpy.float64] | None:
        """
        K of the stored energy z K z / 2, [units, units], E0; None where the noise says it.
        """

    def __getstate__(self) -> tuple[Any, ...]: ...

    def __setstate__(self, arg: tuple[Any, ...], /) -> None: ...

class Schedule:
    def __init__(self, knots: NDArray[numpy.float64], geometric: bool) -> None: ...

    @property
    def knots(self) -> NDArray[numpy.float64]:
        """Fraction of the segment and value, [knots, 2]."""

    @property
    def geometric(self) -> bool:
        """Whether lines are straight in the logarithm of the value."""

    def __call__(self, fraction: float) -> float:
        """The value at this fraction of the segment."""

    def __getstate__(self) -> tuple[Any, ...]: ...

    def __setstate__(self, arg: tuple[Any, ...], /) -> None: ...

class Segment:
    def __init__(self, name: str, duration: float, couplings: int | str | None, kT: Schedule, drive: Sequence[tuple[str, Schedule]], clamped: Sequence[str]) -> None: ...

    def __getstate__(self) -> tuple[Any, ...]: ...

    def __setstate__(self, arg: tuple[Any, ...], /) -> None: ...

    def __repr__(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def duration(self) -> float:
        """1/mu; of p-bits, sweeps."""

    @property
    def couplings(self) -> Any:
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

    def __getstate__(self) -> tuple[Any, ...]: ...

    def __setstate__(self, arg: tuple[Any, ...], /) -> None: ...

    def _add(self, arg: Segment, /) -> None: ...

    def _steps(self, arg0: Any, arg1: float, /) -> int: ...

def _energies(machine: Machine, x: NDArray[numpy.float64], couplings: str | None, force: NDArray[numpy.float64] | None) -> NDArray[numpy.float64]: ...

def _gradients(machine: Machine, x: NDArray[numpy.float64], couplings: str | None, force: NDArray[numpy.float64] | None) -> NDArray[numpy.float64]: ...

def _path_losses(machine: Machine, path: NDArray[numpy.float64], dt: float, kT: float, backwards: bool, couplings: str | None, force: NDArray[numpy.float64] | None) -> NDArray[numpy.float64]: ...

class Source:
    """
    Random bits from outside, as swell.entropy.open() makes them: recorded, tested while they come, conditioned. Runs take its bytes one after another.

    Examples
    --------
    >>> import swell
    >>> swell.entropy.open('os')
    Source('the generator of the operating system')
    """

    def __repr__(self) -> str: ...

    @property
    def name(self) -> str:
        """What it is, without credentials."""

    @property
    def seed(self) -> int:
        """Its first eight bytes, as a number."""

    @property
    def is_conditioned(self) -> bool:
        """Whether SHA-256 conditions its bytes."""

    @property
    def is_biased(self) -> bool:
        """
        Whether bytes that claim less than eight bits each are used as they are.
        """

    def status(self) -> dict[str, Any]:
        """
        Bytes so far, rate (bytes/s), health tests, and `failure`: why nothing more comes, or an empty text. No errors: what went wrong is in it.

        Examples
        --------
        >>> import swell
        >>> swell.entropy.open('os').status()['failure']
        ''
        """

    def close(self) -> None:
        """
        Stops reading and completes the tape.

        Raises
        ------
        OSError
            The tape cannot be written.

        Examples
        --------
        >>> import swell
        >>> swell.entropy.open('os').close()
        """

_source_options: tuple[Any, ...] = ...

def _open_source(source: Any, options: dict[str, Any]) -> Source: ...

def _assess(symbols: NDArray[numpy.uint8], bits_per_symbol: int, threads: int) -> Any: ...

_run_options: tuple[Any, ...] = ...

class Run:
    @property
    def _states(self) -> Any: ...

    @property
    def _groups(self) -> list[Any]: ...

    @property
    def _kept(self) -> tuple[Any, ...]: ...

    @property
    def _observed_units(self) -> tuple[Any, ...]: ...

    @property
    def _snapshots(self) -> NDArray[numpy.float32]: ...

    @property
    def _diagnostics(self) -> Any: ...

    @property
    def _course(self) -> Any: ...

    @property
    def _averages(self) -> Any: ...

    @property
    def observed(self) -> Any:
        """
        Sums over observations as the library keeps them, [trajectories, sums] float64, or None without observe= or course=. A view. engine/run.h (ObservedSums) says what stands where.
        """

    @property
    def heat(self) -> NDArray[numpy.float64]:
        """
        Heat given to the bath, [trajectories, segments] float64, E0. A view. Change of V = work - heat.
        """

    @property
    def work(self) -> NDArray[numpy.float64]:
        """
        Work done by changes of the control, [trajectories, segments] float64, E0. A view.
        """

    @property
    def entropy(self) -> NDArray[numpy.float64]:
        """
        Entropy given to the bath, heat over kT step by step, [trajectories, segments] float64, k. A view.
        """

    @property
    def start_energy(self) -> NDArray[numpy.float64]:
        """V before the first step, [trajectories] float64, E0. A view."""

    @property
    def end_energy(self) -> NDArray[numpy.float64]:
        """V after the last step, [trajectories] float64, E0. A view."""

    @property
    def times(self) -> NDArray[numpy.float64]:
        """Times of the snapshots, [snapshots] float64, 1/mu. A view."""

    @property
    def flips(self) -> NDArray[numpy.int64]:
        """
        Flips of each trajectory of p-bits, [trajectories] int64. A view; empty for other machines.
        """

    @property
    def best_energy(self) -> NDArray[numpy.float64]:
        """
        The lowest energy of each trajectory of p-bits, [trajectories] float64. A view; empty for others.
        """

    @property
    def best_spins(self) -> NDArray[numpy.int8]:
        """The state with it, [trajectories, units] int8. A view."""

    @property
    def segments(self) -> list[Any]:
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
    def observations(self) -> int:
        """Observations that averages are over."""

    @property
    def interrupted(self) -> bool:
        """Whether it was stopped, and holds what was done until then."""

    @property
    def books_known(self) -> bool:
        """
        False where forces have no potential, or noise is no bath's: work, heat and energies are 0, and entropy but that of p-bits.
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

def _run(system: Any | None, protocol: Protocol, options: dict[str, Any], progress: Any | None) -> Any: ...

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
    def _protocols(self) -> Any: ...

    @property
    def training(self) -> Any:
        """
        How it was trained: method, images, residual or loss, seed, seconds. Empty where it was not.
        """

    @property
    def images(self) -> NDArray[numpy.float64]:
        """
        The first images that it was trained on, [images, pixels] float64, -1 to 1. A view.
        """

    def _fixed_patterns(self) -> NDArray[numpy.float64]: ...

    def _patterns(self, arg: Any, /) -> NDArray[numpy.float64]: ...

    def _bytes(self) -> bytes: ...

    def _write(self, arg: str, /) -> None: ...

def _read(arg: str, /) -> Design: ...

def _parse_trained(arg0: bytes, arg1: str, /) -> Design: ...

def _parse(arg0: str, arg1: str, /) -> Design: ...

def _published() -> Design: ...

def _write_machine(arg0: str, arg1: Machine, arg2: str, /) -> None: ...

class _LinearAnswer:
    def _report(self) -> Any: ...

    def _bill(self) -> Any: ...

    def _take_pending(self) -> Any: ...

    @property
    def met(self) -> bool: ...

    @property
    def value(self) -> NDArray[numpy.float64]: ...

    @property
    def stderr(self) -> NDArray[numpy.float64]: ...

class _LogDeterminantAnswer:
    def _report(self) -> Any: ...

    def _bill(self) -> Any: ...

    def _take_pending(self) -> Any: ...

    @property
    def met(self) -> bool: ...

    @property
    def value(self) -> float: ...

    @property
    def stderr(self) -> float: ...

_linear_options: tuple[Any, ...] = ...

def _require_positive_definite(a: NDArray[numpy.float64]) -> None: ...

def _solve(a: NDArray[numpy.float64], b: NDArray[numpy.float64], options: dict[str, Any], progress: Any | None) -> _LinearAnswer: ...

def _inverse(a: NDArray[numpy.float64], options: dict[str, Any], progress: Any | None) -> _LinearAnswer: ...

def _lyapunov(a: NDArray[numpy.float64], q: NDArray[numpy.float64], options: dict[str, Any], progress: Any | None) -> _LinearAnswer: ...

def _exponential(a: NDArray[numpy.float64], time: float, options: dict[str, Any], progress: Any | None) -> _LinearAnswer: ...

def _log_determinant(a: NDArray[numpy.float64], options: dict[str, Any], progress: Any | None) -> _LogDeterminantAnswer: ...

def _gaussian(given: NDArray[numpy.float64], matrix: NDArray[numpy.float64], is_precision: bool, information: bool, options: dict[str, Any], progress: Any | None) -> tuple[Any, ...]: ...

def _quantile(level: float) -> float: ...

_search_options: tuple[Any, ...] = ...

def _search(model: Ising, options: dict[str, Any], progress: Any | None) -> dict[str, Any]: ...

_route_options: tuple[Any, ...] = ('seed', 'threads', 'budget', 'runs', 'target')

def _tour_of_matrix(matrix: NDArray[numpy.int64], options: dict[str, Any], progress: Any | None) -> dict[str, Any]: ...

def _tour_of_points(points: NDArray[numpy.float64], rule: str, options: dict[str, Any], progress: Any | None) -> dict[str, Any]: ...

def _round(junctions: int, a: NDArray[numpy.int64], b: NDArray[numpy.int64], length: NDArray[numpy.float64], back: NDArray[numpy.float64], must: NDArray[numpy.int8], start: int, end: int | None, ends_anywhere: bool, options: dict[str, Any], progress: Any | None) -> dict[str, Any]: ...

_train_options: tuple[Any, ...] = ...

_sample_options: tuple[Any, ...] = ...

def _train(design: Design, images: Any | None, labels: Sequence[int], options: dict[str, Any], progress: Any | None) -> tuple[Any, ...]: ...

def _generate(design: Design, count: int, options: dict[str, Any], progress: Any | None) -> dict[str, Any]: ...

_judge_options: tuple[Any, ...] = ...

def _judge(images: NDArray[numpy.float64], shape: Sequence[int], labels: Sequence[int], data: str, folder: str, options: dict[str, Any], progress: Any | None) -> dict[str, Any]: ...

def _judge_sets() -> list[str]: ...

_neural_options: tuple[Any, ...] = ...

_answer_options: tuple[Any, ...] = ...

def _neural_parameters(arg: Design, /) -> NDArray[numpy.float32]: ...

def _neural_design_with(design: Design, parameters: NDArray[numpy.float32]) -> Design: ...

def _neural_train(design: Design, X: NDArray[numpy.float64], labels: NDArray[numpy.int64] | None, targets: NDArray[numpy.float64] | None, options: dict[str, Any], progress: Any | None) -> tuple[Any, ...]: ...

def _neural_answer(design: Design, X: NDArray[numpy.float64], options: dict[str, Any], progress: Any | None) -> dict[str, Any]: ...

def _neural_sizes(arg: Design, /) -> tuple[Any, ...]: ...

_calibration_options: tuple[Any, ...] = ('kT', 'samples', 'rounds', 'most_settling')

def _calibrate_stiffness(K: NDArray[numpy.float64], device: Any, options: dict[str, Any], progress: Any | None) -> dict[str, Any]: ...

def _calibrate_set(machine: Machine, set: str, target: NDArray[numpy.float64], device: Any, options: dict[str, Any], progress: Any | None) -> dict[str, Any]: ...

def _perturb(machine: Any, spec: str, name: str, seed: int) -> Any: ...

def _chip_seed(seed: int, chip: int) -> int: ...

_retrain_options: tuple[Any, ...] = ...

def _reads(design: Design, every: int) -> dict[str, Any]: ...

def _run_chip(design: Design, spec: str, seed: int, every: int, threads: int, J: NDArray[numpy.float64], bias: NDArray[numpy.float64], paths: int, first: int) -> NDArray[numpy.float32]: ...

def _retrain(design: Design, device: Any, options: dict[str, Any], progress: Any | None) -> dict[str, Any]: ...

def _board(text: str, name: str) -> dict[str, Any]: ...

def _spice_export(machine: Machine, couplings: str | None, name: str, folder: str, picture: str, unit: str, C: float, t0: float, V0: float | None, temperature: float | None, resistors: bool, saturation: float) -> None: ...

def _spice_check(folder: str, seed: int) -> list[Any]: ...
