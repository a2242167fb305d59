"""run(), and what it did."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from . import _swell
from ._arrays import Floats, finite, path_of, spins
from ._errors import Interrupted, raise_if_stopped, raise_trouble, warn_of_trouble
from ._html import table
from ._progress import Progress, Told
from ._ranks import Ranks
from ._swell import Source
from ._protocols import Protocol

__all__ = ["Course", "Estimate", "GroupArray", "Run", "run"]


class GroupArray(np.lib.mixins.NDArrayOperatorsMixin, Mapping[str, npt.NDArray[Any]]):
    """An array whose last axis is units, read by the names of groups: ``states["hidden"]`` has the group's shape in
    place of the last axis. Views, no copies; ``.array`` is the whole, and any other index is one of it.

    Examples
    --------
    >>> import swell
    >>> machine = swell.Machine().group("image", (2, 3)).group("hidden", 4)
    >>> states = swell.run(machine, swell.Protocol().segment("s", 0.1), dt=0.1, trajectories=5).states
    >>> states["image"].shape, states.array.shape
    ((5, 2, 3), (5, 10))
    >>> (states - states.array).any()  # arithmetic is that of the whole array
    np.False_
    """

    def __init__(self, array: npt.NDArray[Any], groups: Sequence[tuple[str, int, tuple[int, ...]]]) -> None:
        self.array = array
        self._groups = {name: (first, shape) for name, first, shape in groups}

    def __getitem__(self, key: Any) -> npt.NDArray[Any]:
        if not isinstance(key, str):
            part: npt.NDArray[Any] = self.array[key]
            return part
        if key not in self._groups:
            raise KeyError(f"there is no group '{key}'; there are {', '.join(self._groups)}")
        first, shape = self._groups[key]
        part = self.array[..., first:first + int(np.prod(shape))]
        if len(shape) == 1:
            return part
        strides = tuple(int(np.prod(shape[k + 1:])) * part.itemsize for k in range(len(shape)))
        return np.lib.stride_tricks.as_strided(part, part.shape[:-1] + shape, part.strides[:-1] + strides,
                                               writeable=False)

    def __iter__(self) -> Iterator[str]:
        return iter(self._groups)

    def __len__(self) -> int:
        return len(self._groups)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the whole array.

        Examples
        --------
        >>> import swell
        >>> states = swell.run(swell.Machine().group("x", 10), swell.Protocol().segment("s", 0.1), dt=0.1, trajectories=5).states
        >>> states.shape
        (5, 10)
        """
        return self.array.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of its numbers.

        Examples
        --------
        >>> import swell
        >>> states = swell.run(swell.Machine().group("x", 10), swell.Protocol().segment("s", 0.1), dt=0.1, trajectories=5).states
        >>> states.dtype
        dtype('float64')
        """
        return self.array.dtype

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        if copy is False and dtype is not None and dtype != self.array.dtype:
            raise ValueError(f"an array of {self.array.dtype} becomes one of {dtype} by a copy only")
        array = self.array if dtype is None else self.array.astype(dtype, copy=False)
        return array.copy() if copy else array

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **how: Any) -> Any:
        whole = [each.array if isinstance(each, GroupArray) else each for each in inputs]
        return getattr(ufunc, method)(*whole, **how)

    def __dlpack__(self, **how: Any) -> Any:
        return self.array.__dlpack__(**how)

    def __dlpack_device__(self) -> Any:
        return self.array.__dlpack_device__()

    def __repr__(self) -> str:
        return f"GroupArray({', '.join(self._groups)}; shape {self.array.shape}, {self.array.dtype})"


class Estimate(NamedTuple):
    """Means with their standard errors, arrays of one shape. Errors of a single trajectory are NaN: unknown.

    Examples
    --------
    >>> import swell
    >>> mean = swell.Estimate(1.0, 0.1)
    >>> mean.value - 2 * mean.stderr
    0.8
    """

    value: Any
    """Of the mean, or of another average."""
    stderr: Any
    """Standard error of each value, in the same unit."""

    def __repr__(self) -> str:
        if np.ndim(self.value) == 0:
            return f"Estimate({self.value:.6g} +- {self.stderr:.2g})"
        return f"Estimate(shape {np.shape(self.value)})"


class Course(NamedTuple):
    """The course of a run in time, over trajectories. Work and heat since the run began, E0; entropy, k; energy V, E0;
    by group [points, groups]: the mean of x over units, and its variance over units and trajectories.

    Examples
    --------
    >>> import swell
    >>> run = swell.run(swell.Machine().group("x", 9), swell.Protocol().segment("s", 1.0), dt=0.1, trajectories=4, course=0.5)
    >>> run.course.times.tolist(), run.course.mean.value.shape
    ([0.0, 0.5, 1.0], (3, 1))
    """

    times: Floats
    """[points], 1/mu."""
    segments: list[str]
    """[points] name of the segment that each point lies in."""
    groups: list[str]
    """Names of the groups, in the order of the columns of `mean` and `variance`."""
    work: Estimate
    """[points] since the start of the run, E0."""
    heat: Estimate
    """[points] given to the bath since the start of the run, E0."""
    entropy: Estimate
    """[points] of the bath since the start of the run, k."""
    energy: Estimate
    """[points] V, E0."""
    heat_kT: Estimate
    """[points] heat over the machine's kT."""
    mean: Estimate
    """[points, groups] of x over the units of the group."""
    variance: Estimate
    """[points, groups] of x over the units of the group and the trajectories."""
    group_heat: Estimate | None = None
    """[points, groups] that the units of a group gave to their baths since the start of the run, E0; None without by_group=."""
    group_work: Estimate | None = None
    """[points, groups] of the drive of a group since the start of the run, E0; None without by_group=."""

    def __repr__(self) -> str:
        end = f" up to {self.times[-1]:g} / mu" if len(self.times) else ""
        return f"Course({len(self.times)} points{end}; groups {', '.join(self.groups)})"


class Run:
    """What a run did. Arrays are read-only views of the library's memory: no copies, and they keep it alive.

    V is the energy, and of each trajectory the change of V = work - heat, to rounding.

    Examples
    --------
    >>> import swell
    >>> machine, rest = swell.Machine().group("x", 9), swell.Protocol().segment("rest", 1.0)
    >>> run = swell.run(machine, rest, dt=0.1, trajectories=4)
    >>> run.segments, run.heat.shape, run.steps
    (['rest'], (4, 1), 10)
    >>> change = run.end_energy - run.start_energy
    >>> bool(abs(change - (run.work - run.heat).sum(axis=1)).max() < 1e-10)
    True
    """

    def __init__(self, made: _swell.Run, snapshots_at: str | None = None) -> None:
        self._run = made
        self._snapshots_at = snapshots_at

    @property
    def states(self) -> GroupArray:
        """End states, [trajectories, units] float64; int8 spins of p-bits. By group: ``run.states["hidden"]``.

        Examples
        --------
        >>> import swell
        >>> run = swell.run(swell.Machine().group("x", 9), swell.Protocol().segment("s", 1.0), dt=0.1, trajectories=4)
        >>> run.states["x"].shape
        (4, 9)
        """
        return GroupArray(self._run._states, self._run._groups)

    @property
    def snapshots(self) -> GroupArray:
        """States on the way, [snapshots, trajectories kept, units kept] float32; see snapshots= of :func:`run`.

        Examples
        --------
        >>> import swell
        >>> run = swell.run(swell.Machine().group("x", 9), swell.Protocol().segment("s", 1.0), dt=0.1, trajectories=4, snapshots=0.5)
        >>> run.snapshots["x"].shape
        (3, 4, 9)
        """
        first, count = self._run._kept
        kept = [(name, start - first, shape) for name, start, shape in self._run._groups
                if first <= start and start + int(np.prod(shape)) <= first + count]
        return GroupArray(self._film, kept)

    @cached_property
    def _film(self) -> npt.NDArray[np.float32]:
        if self._snapshots_at is None:
            return self._run._snapshots
        film: npt.NDArray[np.float32] = np.load(self._snapshots_at, mmap_mode="r")
        return film

    @property
    def times(self) -> Floats:
        """Times of the snapshots, [snapshots] float64, 1/mu.

        Examples
        --------
        >>> import swell
        >>> run = swell.run(swell.Machine().group("x", 9), swell.Protocol().segment("s", 1.0), dt=0.1, trajectories=4, snapshots=0.5)
        >>> run.times.tolist()
        [0.0, 0.5, 1.0]
        """
        return self._run.times

    @property
    def heat(self) -> Floats:
        """Given to the bath, [trajectories, segments] float64, E0.

        Examples
        --------
        >>> import swell
        >>> run = swell.run(swell.Machine().group("x", 9), swell.Protocol().segment("s", 1.0), dt=0.1, trajectories=4)
        >>> run.heat.shape
        (4, 1)
        """
        return self._run.heat

    @property
    def work(self) -> Floats:
        """Done by changes of the control, [trajectories, segments] float64, E0.

        Examples
        --------
        >>> import swell
        >>> run = swell.run(swell.Machine().group("x", 9), swell.Protocol().segment("s", 1.0), dt=0.1, trajectories=4)
        >>> bool((run.work == 0).all())  # nothing is changed
        True
        """
        return self._run.work

    @property
    def entropy(self) -> Floats:
        """Heat over kT, step by step, [trajectories, segments] float64, in units of k.

        Examples
        --------
        >>> import swell
        >>> run = swell.run(swell.Machine().group("x", 9), swell.Protocol().segment("s", 1.0), dt=0.1, trajectories=4)
        >>> run.entropy.shape
        (4, 1)
        """
        return self._run.entropy

    @property
    def start_energy(self) -> Floats:
        """V before the first step, [trajectories] float64, E0.

        Examples
        --------
        >>> import swell
        >>> run = swell.run(swell.Machine().group("x", 9), swell.Protocol().segment("s", 1.0), dt=0.1, trajectories=4)
        >>> run.start_energy.tolist()  # at x = 0
        [0.0, 0.0, 0.0, 0.0]
        """
        return self._run.start_energy

    @property
    def end_energy(self) -> Floats:
        """V after the last step, [trajectories] float64, E0.

        Examples
        --------
        >>> import swell
        >>> run = swell.run(swell.Machine().group("x", 9), swell.Protocol().segment("s", 1.0), dt=0.1, trajectories=4)
        >>> run.end_energy.shape
        (4,)
        """
        return self._run.end_energy

    @property
    def flips(self) -> npt.NDArray[np.int64]:
        """Of p-bits, [trajectories] int64; empty for other machines.

        Examples
        --------
        >>> import swell
        >>> run = swell.run(swell.Ising.lattice(4, 4, 1.0), swell.Protocol().segment("s", 10, 0), trajectories=4)
        >>> run.flips.shape, bool((run.flips > 0).all())
        ((4,), True)
        """
        return self._run.flips

    @property
    def best_energy(self) -> Floats:
        """Of p-bits, [trajectories] float64: the lowest after any sweep, with up to 7 trajectories; else at the end.

        Examples
        --------
        >>> import swell
        >>> run = swell.run(swell.Ising.lattice(4, 4, 1.0), swell.Protocol().segment("s", 10, 0), trajectories=4)
        >>> bool((run.best_energy >= -32).all())  # two bonds for each of 16
        True
        """
        return self._run.best_energy

    @property
    def best_spins(self) -> npt.NDArray[np.int8]:
        """The state with it, [trajectories, units] int8.

        Examples
        --------
        >>> import swell
        >>> run = swell.run(swell.Ising.lattice(4, 4, 1.0), swell.Protocol().segment("s", 10, 0), trajectories=4)
        >>> run.best_spins.shape
        (4, 16)
        """
        return self._run.best_spins

    @property
    def segments(self) -> list[str]:
        """Names of the segments that were run.

        Examples
        --------
        >>> import swell
        >>> run = swell.run(swell.Machine().group("x", 9), swell.Protocol().segment("s", 1.0), dt=0.1, trajectories=4)
        >>> run.segments
        ['s']
        """
        return list(self._run.segments)

    @property
    def trajectories(self) -> int:
        """How many there are; fewer than asked for where the run was stopped.

        Examples
        --------
        >>> import swell
        >>> run = swell.run(swell.Machine().group("x", 9), swell.Protocol().segment("s", 1.0), dt=0.1, trajectories=4)
        >>> run.trajectories
        4
        """
        return self._run.trajectories

    @property
    def steps(self) -> int:
        """That each trajectory took.

        Examples
        --------
        >>> import swell
        >>> run = swell.run(swell.Machine().group("x", 9), swell.Protocol().segment("s", 1.0), dt=0.1, trajectories=4)
        >>> run.steps
        10
        """
        return self._run.steps

    @property
    def interrupted(self) -> bool:
        """Whether it was stopped, and holds what was done until then.

        Examples
        --------
        >>> import swell
        >>> run = swell.run(swell.Machine().group("x", 9), swell.Protocol().segment("s", 1.0), dt=0.1, trajectories=4)
        >>> run.interrupted
        False
        """
        return self._run.interrupted

    @property
    def books_known(self) -> bool:
        """False where forces have no potential, or noise is no bath's: books are 0 but for the entropy of p-bits.

        Examples
        --------
        >>> import swell
        >>> run = swell.run(swell.Machine().group("x", 9), swell.Protocol().segment("s", 1.0), dt=0.1, trajectories=4)
        >>> run.books_known
        True
        """
        return self._run.books_known

    @property
    def first_law(self) -> float:
        """The largest deviation of any trajectory from change of V = work - heat, E0: rounding.

        Examples
        --------
        >>> import swell
        >>> run = swell.run(swell.Machine().group("x", 9), swell.Protocol().segment("s", 1.0), dt=0.1, trajectories=4)
        >>> run.first_law < 1e-10
        True
        """
        return self._run.first_law

    @property
    def wall_s(self) -> float:
        """Wall time of the simulation, s.

        Examples
        --------
        >>> import swell
        >>> run = swell.run(swell.Machine().group("x", 9), swell.Protocol().segment("s", 1.0), dt=0.1, trajectories=4)
        >>> run.wall_s > 0
        True
        """
        return self._run.wall_s

    @cached_property
    def course(self) -> Course:
        """Means, variances, heat and work in time, with standard errors over trajectories. ValueError without course=.

        Examples
        --------
        >>> import swell
        >>> run = swell.run(swell.Machine().group("x", 9), swell.Protocol().segment("s", 1.0), dt=0.1, trajectories=4, course=0.5)
        >>> run.course
        Course(3 points up to 1 / mu; groups x)
        """
        made = self._run._course
        if made is None:
            raise ValueError("this run kept no course; run it with course=, the time between two of its points")
        columns = {name: Estimate(*made[name]) for name in Course._fields[3:] if name in made}
        return Course(made["times"], list(made["segments"]), [name for name, _, _ in self._run._groups], **columns)

    @cached_property
    def averages(self) -> dict[str, Estimate]:
        """Averages over observations and trajectories: "mean" and "variance" of x by unit, "energy" and "energy_variance",
        E0. ValueError without observe=.

        Examples
        --------
        >>> import swell
        >>> machine = swell.Machine().group("x", 50)
        >>> run = swell.run(machine, swell.Protocol().segment("s", 20.0), dt=0.05, trajectories=50, observe=0.5, observe_from=5.0)
        >>> energy = run.averages["energy"]  # kT/2 for each unit; and what the finite step adds
        >>> bool(abs(energy.value - 25) < 6 * energy.stderr + 1)
        True
        """
        made = self._run._averages
        if made is None:
            raise ValueError("this run kept no averages; run it with observe=, the time between two observations")
        averages = {name: Estimate(*value) for name, value in made.items()}
        for name in ("energy", "energy_variance"):
            averages[name] = Estimate(*(float(part[0]) for part in averages[name]))
        return averages

    @cached_property
    def diagnostics(self) -> dict[str, Any]:
        """Whether the end of the run is an equilibrium, as far as it can tell: R-hat, effective draws, achieved
        temperature (docs/diagnostics.md). ValueError without course= or observe=, and of a run that was stopped.

        Examples
        --------
        >>> import swell
        >>> machine = swell.Machine().group("x", 50)
        >>> run = swell.run(machine, swell.Protocol().segment("s", 60.0), dt=0.05, trajectories=50, course=0.5)
        >>> run.diagnostics["r_hat"] < run.diagnostics["r_hat_limit"]
        True
        """
        made = self._run._diagnostics
        if made is None:
            raise ValueError("this run watched nothing on the way; run it to its end with course= or observe=")
        diagnostics: dict[str, Any] = made
        return diagnostics

    def to_xarray(self) -> Any:
        """An xarray.DataTree as ArviZ has it: ``posterior`` with a variable for each group of the snapshots, dimensions
        (chain, draw, ...), chains being trajectories and draws snapshots; ``books`` with heat, work and entropy,
        (chain, segment); ``end`` with the end states. Needs xarray.

        Raises
        ------
        ImportError
            xarray is not here.

        Examples
        --------
        >>> import swell
        >>> machine, rest = swell.Machine().group("x", 9), swell.Protocol().segment("rest", 1.0)
        >>> tree = swell.run(machine, rest, dt=0.1, trajectories=4, snapshots=0.5).to_xarray()
        >>> dict(tree["posterior"].sizes)
        {'chain': 4, 'draw': 3, 'x_0': 9}
        """
        try:
            import xarray
        except ImportError:
            raise ImportError("to_xarray() needs xarray, which is not here: pip install xarray") from None
        def variable(array: npt.NDArray[Any], name: str, leading: tuple[str, ...]) -> tuple[tuple[str, ...], Any]:
            return leading + tuple(f"{name}_{k}" for k in range(array.ndim - len(leading))), array
        names = list(self.states)
        taken = {"chain", "draw", "time", "segment", *(f"{name}_{k}" for name, _, shape in self._run._groups for k in range(len(shape)))}
        for name in names:
            if name in taken or "/" in name or not name:
                raise ValueError(f"a group called '{name}' has a name that xarray takes for something else; '/', 'chain', 'draw', "
                                 "'time', 'segment' and GROUP_0, GROUP_1, ... are its own")
        books = {name: (("chain", "segment"), getattr(self, name)) for name in ("heat", "work", "entropy")}
        nodes = {
            "/books": xarray.Dataset(books, coords={"segment": self.segments},
                                     attrs={"heat": "E0", "work": "E0", "entropy": "k"}),
            "/end": xarray.Dataset({name: variable(part, name, ("chain",)) for name, part in self.states.items()}),
        }
        if len(self.times):
            draws = {name: variable(np.swapaxes(part, 0, 1), name, ("chain", "draw"))
                     for name, part in self.snapshots.items()}
            nodes["/posterior"] = xarray.Dataset(draws, coords={"time": ("draw", self.times)})
        return xarray.DataTree.from_dict(nodes)

    def _rows(self) -> list[tuple[str, str]]:
        rows = [("trajectories", str(self.trajectories)), ("steps", str(self.steps))]
        for s, name in enumerate(self.segments):
            for book in ("work", "heat"):
                each = getattr(self, book)[:, s]
                error = f" +- {each.std(ddof=1) / len(each) ** 0.5:.2g}" if len(each) > 1 else ""
                rows.append((f"{book}, {name}", f"{each.mean():.5g}{error} E0"))
        return rows + [("wall time", f"{self.wall_s:.3g} s")]

    def __reduce__(self) -> Any:
        """By its arrays: copies, which no longer share the library's memory."""
        kept = {name: getattr(self._run, name) for name in dir(self._run) if not name.startswith("__")}
        return _run_again, (kept, self._snapshots_at)

    def __repr__(self) -> str:
        stopped = ", interrupted" if self.interrupted else ""
        return f"Run({self.trajectories} trajectories of {self._run.units} units, {self.steps} steps{stopped})"

    def _repr_html_(self) -> str:
        return table(f"Run of {self._run.units} units", self._rows())


def _run_again(kept: dict[str, Any], snapshots_at: str | None) -> Run:
    for array in kept.values():
        if isinstance(array, np.ndarray):
            array.flags.writeable = False
    return Run(cast(_swell.Run, SimpleNamespace(**kept)), snapshots_at)


def _patterns(value: Any, groups: Sequence[tuple[str, int, tuple[int, ...]]], units: int, what: str = "pattern") -> Floats:
    if isinstance(value, GroupArray):
        value = value.array
    if not isinstance(value, Mapping):
        rows = finite(value, "patterns")
        if rows.ndim == 1:
            rows = rows.reshape(1, -1)
        if rows.ndim != 2 or rows.shape[1] != units:
            raise ValueError(f"patterns have shape {rows.shape}; [{units}] or [rows, {units}] is needed")
        return rows
    shapes = {name: tuple(shape) for name, _, shape in groups}
    known = {name: (first, int(np.prod(shape))) for name, first, shape in groups}
    parts: dict[tuple[int, int], Floats] = {}
    for name, part in value.items():
        if name not in known:
            raise ValueError(f"{what}s name group '{name}'; the machine has {', '.join(known)}")
        first, size = known[name]
        array = finite(part, f"{what} of '{name}'")
        shape = shapes[name]
        if array.ndim == 0:
            array = np.broadcast_to(array, (1, size))
        elif array.shape in (shape, (size,)) or (array.size and array.shape[1:] in (shape, (size,))):
            array = array.reshape(-1, size)
        else:
            raise ValueError(f"{what} of '{name}' has shape {array.shape}; a number, {shape}, or [rows, "
                             f"{', '.join(str(n) for n in shape)}] is needed")
        parts[first, size] = array
    counts = [int(each.shape[0]) for each in parts.values()]
    most = max(counts) if counts else 1
    filled = np.zeros((most, units))
    for (first, size), array in parts.items():
        if array.shape[0] not in (1, most):
            raise ValueError(f"{what}s have {array.shape[0]} and {most} rows; one, or the same number each")
        filled[:, first:first + size] = array
    return filled


def _groups_of(system: Any) -> tuple[list[tuple[str, int, tuple[int, ...]]], int]:
    if isinstance(system, (list, tuple)):
        system = system[0] if system else None
    groups, first = [], 0
    if isinstance(system, _swell.Machine):
        for name, shape in system.groups.items():
            groups.append((name, first, shape))
            first += int(np.prod(shape))
        return groups, first
    units = getattr(system, "units", 0)
    return [("units", 0, (units,))], units


def run(
    system: Any,
    protocol: Protocol | str,
    *,
    trajectories: int | None = None,
    seed: int | None = None,
    entropy: Source | None = None,
    threads: int | None = None,
    comm: Any = None,
    dt: float | None = None,
    integrator: str | None = None,
    rule: str | None = None,
    precision: str | None = None,
    engine: str | None = None,
    start: Any = None,
    after: Run | None = None,
    patterns: Any = None,
    snapshots: float | None = None,
    snapshots_from: float | None = None,
    snapshot_group: str | None = None,
    snapshot_trajectories: int | None = None,
    snapshots_to: str | os.PathLike[str] | None = None,
    observe: float | None = None,
    observe_from: float | None = None,
    observe_group: str | None = None,
    course: float | None = None,
    by_group: bool | None = None,
    kT_of_trajectory: Any = None,
    first_trajectory: int | None = None,
    first_step: int | None = None,
    tile: int | None = None,
    isa: str | None = None,
    checkpoint: Any = None,
    checkpoint_every: float | None = None,
    progress: Progress = None,
) -> Run:
    """Runs a protocol on a machine of any kind. The same bytes for any number of threads and trajectories, and the
    same as the program's for the same seed.

    Parameters
    ----------
    system : Machine, Ising, LinearSystem, Design, or a list of Ising models or of linear systems
        A list is of coupling sets that the protocol switches between by number. A design brings dt, the integrator
        and patterns with it, and has protocols by name.
    protocol : Protocol, or the name of one where `system` is a design
    trajectories : int
        How many; each has noise of its own.
    seed : int
        Of every random draw.
    entropy : Source
        Random bits from outside in place of a seed, from swell.entropy.open(). A source that fails or ends leaves the
        trajectories that had their bits, with a warning.
    threads : int
        All processors without it. Results do not depend on it.
    comm : mpi4py.MPI.Intracomm
        Processes that share the trajectories of Langevin units. All call this alike, and each has the whole result, with the
        same bytes for any number of them (docs/clusters.md).
    dt : float
        Step, 1/mu. A step of p-bits is a sweep, whatever it says.
    integrator : "euler-maruyama", "leimkuhler-matthews", or of linear systems "exact"
    rule : "gibbs" or "metropolis", of p-bits
    precision : "f32", "bf16x3", "bf16" or "tf32", of dense couplings' products (docs/performance.md)
    engine : "cpu"; "reference": plain, double precision, slow; "cuda": a graphics processor; "auto": that where it gains
    start : array [units] or [trajectories, units], or dict of group to number or array
        x = 0 without it (and in groups that a dict leaves out), and random p-bits. Rows say how many trajectories there
        are, where trajectories= does not.
    after : Run
        An earlier run of the same machine, in place of start, first_step and first_trajectory: this one goes on from its end
        states, with the draws of one run, and what it takes to change from its last control to the first one here is work.
    patterns : array [units] or [rows, units], or dict of group to number or array
        What a drive multiplies and what clamped units are held at. Trajectory t uses row t modulo rows.
    snapshots, snapshots_from : float
        Time between two snapshots, 1/mu, and before the first.
    snapshot_group, snapshot_trajectories : str, int
        Keep this group only; keep the first so many trajectories only.
    snapshots_to : path
        An .npy file that the snapshots are written to while the run goes on, as `swell run` does, for more of them than
        memory holds: ``run.snapshots`` is then that file, mapped. It is called PATH.part until the run is over, and stays
        if a run with a checkpoint is stopped. What was there before is written over.
    observe, observe_from, observe_group : float, float, str
        Time between two observations for averages, 1/mu, time left out at the beginning, whose units.
    course : float
        Time between two points of the course in time, 1/mu.
    by_group : bool
        Of Langevin units: the course has heat and work of each group, too. It takes several times as long.
    kT_of_trajectory : array [trajectories]
        Of p-bits: a temperature each, E0.
    first_trajectory, first_step : int
        Number of the first trajectory and step: runs in pieces give what one run gives.
    tile, isa : int, str
        Trajectories that a thread advances together; instruction set. In f32 results do not depend on them.
    checkpoint, checkpoint_every : path, float
        File from which a stopped run goes on with the same bytes; seconds between two of them.
    progress : True, or callable(done, total)
        True draws a bar (needs tqdm). A callable gets trajectory-steps done and to do, some twenty times a second; the
        run stops where it returns False.

    Returns
    -------
    Run

    Raises
    ------
    ValueError
        Sizes or names that do not fit, numbers that are not allowed. The sentence is the program's.
    Diverged (ArithmeticError)
        A state became infinite or NaN: dt is too long.
    Interrupted (KeyboardInterrupt)
        Ctrl-C. ``.result`` is the Run of what was done until then.
    MemoryError, OSError
        The states do not fit the memory; a file cannot be read or written.

    Examples
    --------
    Harmonic units at equilibrium have the variance kT / (2 J2):

    >>> import swell
    >>> machine = swell.Machine(kT=1.0).group("x", 100, J2=0.5)
    >>> settle = swell.Protocol().segment("settle", 20.0)
    >>> run = swell.run(machine, settle, trajectories=100, dt=0.05, integrator="leimkuhler-matthews")
    >>> bool(abs(run.states["x"].var() - 1) < 0.07)
    True
    """
    from ._designs import Design

    given: dict[str, Any] = {
        "trajectories": trajectories, "seed": seed, "threads": threads, "dt": dt, "integrator": integrator,
        "rule": rule, "precision": precision, "engine": engine, "snapshots": snapshots,
        "snapshots_from": snapshots_from, "snapshot_group": snapshot_group,
        "snapshot_trajectories": snapshot_trajectories, "observe": observe, "observe_from": observe_from,
        "observe_group": observe_group, "course": course, "by_group": by_group, "first_trajectory": first_trajectory,
        "first_step": first_step, "tile": tile, "isa": isa, "checkpoint_every": checkpoint_every,
    }
    options = {name: value for name, value in given.items() if value is not None}
    for name, path in (("checkpoint", checkpoint), ("snapshots_to", snapshots_to)):
        if path is not None:
            options[name] = path_of(path, name)
    if isinstance(system, Design):
        options.setdefault("dt", system.dt)
        options.setdefault("integrator", system.integrator)
        if patterns is None:
            patterns = system.patterns()
        if isinstance(protocol, str):
            protocol = system.protocol(protocol)
        system = system.machine
    if isinstance(system, str):
        raise TypeError(f"a machine or design is needed, not its name: swell.design({system!r}) and swell.read(file) give one")
    if isinstance(protocol, str):
        raise TypeError(f"a protocol by its name, '{protocol}', goes with a design; give a swell.Protocol")
    if not isinstance(protocol, _swell.Protocol):
        raise TypeError(f"a swell.Protocol is needed, this is {type(protocol).__name__}")
    if patterns is not None:
        rows = _patterns(patterns, *_groups_of(system))
        if len(rows):
            options["patterns"] = rows
    if kT_of_trajectory is not None:
        options["kT_of_trajectory"] = finite(kT_of_trajectory, "kT_of_trajectory", 1)
    if start is not None:
        first = system[0] if isinstance(system, (list, tuple)) and system else system
        if isinstance(start, Mapping) and not isinstance(start, GroupArray):
            start = _patterns(start, *_groups_of(system), "start")
            start = start[0] if len(start) == 1 else start
        array = np.asarray(start)
        if array.ndim not in (1, 2):
            raise ValueError(f"start has shape {array.shape}; [units] or [trajectories, units] is needed")
        array = spins(array, "start", array.ndim) if isinstance(first, _swell.Ising) else finite(array, "start")
        if array.ndim == 2:
            options.setdefault("trajectories", array.shape[0])
        if array.ndim == 1:
            array = np.broadcast_to(array, (options.get("trajectories", 1), array.shape[0]))
        options["start"] = np.ascontiguousarray(array)
    if after is not None:
        doubled = [name for name, value in (("start", start), ("first_step", first_step), ("first_trajectory", first_trajectory))
                   if value is not None]
        if doubled:
            raise ValueError(f"after= and {doubled[0]}= are both given; an earlier run brings its own")
        if not isinstance(after, Run) or not isinstance(after._run, _swell.Run):
            raise TypeError("after= takes a Run that run() gave in this session; of another give start= and first_step=")
        options.setdefault("trajectories", after.trajectories)
        options["after"] = after._run
    if entropy is not None:
        if seed is not None:
            raise ValueError("seed= and entropy= are both given; draws come from one of them")
        if not isinstance(entropy, Source):
            raise TypeError(f"entropy= takes what swell.entropy.open() gives, not {type(entropy).__name__}")
        options["entropy"] = entropy
    if comm is not None:
        options["ranks"] = Ranks(comm)
    with Told(progress) as tell:
        try:
            made, pending = _swell._run(system, protocol, options, tell)
        except Interrupted:
            raise_trouble(entropy)
            raise
    warn_of_trouble(entropy, made.interrupted)
    result = Run(made, None if snapshots_to is None else path_of(snapshots_to))
    raise_if_stopped(pending, result)
    return result
