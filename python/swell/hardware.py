"""Circuits and chips: machines as netlists, boards from netlists, the faults of a real chip.

See the page on circuits and chips in the documentation. The checks run in ngspice, an optional program.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from . import _swell
from ._arrays import Floats, count, finite, number, path_of, require, seed_of, text, threads_of
from ._designs import Design
from ._errors import raise_if_stopped
from ._html import table
from ._machines import Ising, LinearSystem, Machine
from ._progress import Progress, Told

__all__ = ["Board", "Chip", "Retrained", "board", "check", "chip_seed", "export", "perturb", "retrain"]

#: device(J, bias, paths, first) -> states [reads, paths, units]
PathDevice = Callable[[Floats, Floats, int, int], Any]


class Board(NamedTuple):
    """A linear board: its outputs, v(NODE) and then i(INDUCTOR), and what its noise does to them.

    Attributes
    ----------
    outputs : list of str
    mean : array, [outputs]
        V and A.
    covariance : array, [outputs, outputs]
        In which the outputs settle, V^2, V A and A^2; NaN where white noise reaches one unfiltered.
    system : LinearSystem
        The board for :func:`swell.run`, times in seconds; outputs are ``read @ z + rest``.
    read : array, [outputs, quantities]
    rest : array, [outputs]

    Examples
    --------
    >>> import swell
    >>> swell.hardware.board("rc\\nr1 a 0 1k\\nc1 a 0 1p\\n.temp 26.85\\n")
    Board(1 outputs: v(a))
    """

    outputs: list[str]
    mean: Floats
    covariance: Floats
    system: LinearSystem
    read: Floats
    rest: Floats

    def __repr__(self) -> str:
        shown = ", ".join(self.outputs[:6]) + (", ..." if len(self.outputs) > 6 else "")
        return f"Board({len(self.outputs)} outputs: {shown})"

    def _repr_html_(self) -> str:
        return table("Board", [(name, f"{mean:.6g}, variance {var:.3g}")
                               for name, mean, var in list(zip(self.outputs, self.mean, self.covariance.diagonal()))[:20]])


def board(netlist: str, name: str = "netlist") -> Board:
    """A linear board from the text of its SPICE netlist (R L C K V I G E, .subckt, .param), noise and all.

    Parameters
    ----------
    netlist : str
        The first line is its title, as in SPICE.
    name : str
        What messages call it.

    Raises
    ------
    OSError
        Where the text is no such netlist, with the line.
    ValueError
        Where the board settles nowhere or has no unique answer.

    Examples
    --------
    >>> import swell
    >>> rc = swell.hardware.board("rc\\nr1 a 0 1k\\nc1 a 0 1p\\n.temp 26.85\\n")
    >>> rc.outputs
    ['v(a)']
    >>> round(float(rc.covariance[0, 0]) / (1.380649e-23 * 300 / 1e-12), 9)  # k_B T / C
    1.0
    """
    told = _swell._board(text(netlist, "netlist"), text(name, "name"))
    system = told["system"]
    return Board(told["outputs"], told["mean"], told["covariance"],
                 LinearSystem(system.drift, system.noise, system.c), told["read"], told["rest"])


def perturb(machine: Any, spec: str, seed: int = 1) -> Any:
    """One chip: the machine with faults, drawn from a specification.

    Parameters
    ----------
    machine : Machine, Ising, LinearSystem or Design
    spec : str
        The text of a specification (TOML), the tables [couplings], [units], [noise], [temperature] and [readout].
    seed : int
        Which chip it is.

    Returns
    -------
    Machine, Ising, LinearSystem or Design
        Of the same kind; the protocols of a Design are at the chip's temperature, and what a Generator, Classifier or
        Regressor reads of it goes through the chip's converter ([readout]). A LinearSystem with a correlation time or a delay has further quantities behind its own; a
        Machine remembers by itself. Where couplings differ in direction, saturate or lag, or noise has memory, its runs
        have no books (``run.books_known``), and it cannot be pickled or written; neither can a Design with a converter.

    Raises
    ------
    ValueError
        Where the specification is wrong, or the machine cannot have such a fault.

    Examples
    --------
    >>> import numpy as np, swell
    >>> system = swell.LinearSystem(np.diag([1.0, 2.0]), 2 * np.eye(2))
    >>> chip = swell.hardware.perturb(system, "[units]\\nmismatch = '1 %'\\n", seed=3)
    >>> bool(abs(chip.drift[0, 0] - 1) < 0.1)
    True
    >>> unit = swell.Machine().group("a", 1, J2=0.5).couplings("c")
    >>> coloured = swell.hardware.perturb(unit, "[noise]\\ncorrelation_time = 0.5\\n")
    >>> done = swell.run(coloured, swell.Protocol().segment("rest", 8, "c"), trajectories=4000, dt=0.02, seed=1)
    >>> done.books_known, bool(abs(np.var(done.states["a"]) - 1 / 1.5) < 0.06)  # kT/k / (1 + k mu tau)
    (False, True)
    """
    made = _swell._perturb(machine, text(spec, "spec"), "spec", seed_of(seed))
    if isinstance(made, _swell.LinearSystem):
        return LinearSystem(made.drift, made.noise, made.c)
    if isinstance(made, _swell.Ising):
        chip = Ising.__new__(Ising)
        _swell.Ising.__init__(chip, made)
        return chip
    if isinstance(made, _swell.Design):
        return Design(made)
    return Machine._of(made)


def chip_seed(seed: int, chip: int) -> int:
    """The seed of chip number `chip`, from 0, of a command with ``--seed SEED --chip FILE``: of its faults, and of its
    noise.

    Raises
    ------
    ValueError
        A seed or a number below 0.

    Examples
    --------
    >>> import swell
    >>> swell.hardware.chip_seed(1, 0) != swell.hardware.chip_seed(1, 1)
    True
    """
    return int(_swell._chip_seed(seed_of(seed), count(chip, "chip")))


class Chip:
    """A chip with faults that :func:`retrain` can ask: in place of the device, with the same arguments and answer.

    Parameters
    ----------
    design : Design
        Its protocol "generation" is run.
    spec : str
        The text of a specification, as for :func:`perturb`.
    seed : int
        Which chip it is.
    read_every : int
        Steps of the design between reads; 0 for about 0.02 / mu.

    Attributes
    ----------
    reads : int
        Reads of a run: before the first step with couplings in force, and then every so often up to the end.
    interval : float
        Between them, 1/mu.

    Examples
    --------
    >>> import numpy as np, swell
    >>> design = swell.Generator().design
    >>> chip = swell.hardware.Chip(design, "[couplings]\\nmismatch = '5 %'\\n", read_every=500)
    >>> n = design.machine.units
    >>> chip(np.zeros((n, n)), np.zeros(n), paths=2, first=0).shape == (chip.reads, 2, n)
    True
    """

    def __init__(self, design: Design, spec: str, seed: int = 1, *, read_every: int = 0, threads: int | None = None) -> None:
        self._design = require(design, Design, "design", "a swell.Design")
        self._spec = text(spec, "spec")
        self._seed = seed_of(seed)
        self._threads = threads_of(threads)
        plan = _swell._reads(design, count(read_every, "read_every"))
        self._every = plan["every"]
        self.reads: int = plan["count"]
        self.interval: float = plan["every"] * design.dt

    def __repr__(self) -> str:
        return f"Chip('{self._design.name}', number {self._seed}, {self.reads} reads every {self.interval:g} / mu)"

    def __call__(self, J: Any, bias: Any, paths: int, first: int) -> npt.NDArray[np.float32]:
        return _swell._run_chip(self._design, self._spec, self._seed, self._every, self._threads, finite(J, "J", 2),
                                finite(bias, "bias", 1), count(paths, "paths"), count(first, "first"))


class Retrained(NamedTuple):
    """What :func:`retrain` found.

    Attributes
    ----------
    design : Design
        With the couplings and biases to write into this device.
    before, after : float
        Relative entropy of the device's paths to those meant, as far as couplings and biases can mend it, k per path.
    stderr : float
        Of either, where it is nearly 0.
    parameters, paths : int
        That were trained; that the device ran in all.
    nearer : bool
        Whether the device came nearer to what is meant. If not, its faults were finer than so many paths can see, and
        `design` is the one that was given.
    interrupted : bool
        Whether it was ended before its time: `design` is what the device's last answer was about.

    Examples
    --------
    >>> import swell
    >>> swell.hardware.Retrained(swell.design("phi4"), 2.0, 0.5, 0.1, 40, 200, True)
    Retrained('phi4': 2 -> 0.5 +- 0.1 k per path, 40 parameters, 200 paths)
    """

    design: Design
    before: float
    after: float
    stderr: float
    parameters: int
    paths: int
    nearer: bool
    interrupted: bool = False

    def __repr__(self) -> str:
        stopped = ", interrupted" if self.interrupted else ""
        return (f"Retrained('{self.design.name}': {self.before:.3g} -> {self.after:.3g} +- {self.stderr:.2g} k per path, "
                f"{self.parameters} parameters, {self.paths} paths{stopped})")


def retrain(
    design: Design, device: PathDevice, *, paths: int | None = None, rounds: int | None = None,
    settling: int | None = None, read_every: int | None = None, threads: int | None = None, progress: Progress = None,
) -> Retrained:
    """Retrains a machine with a device in the loop, until the device moves as is meant although its parts are off.

    The device is any callable that is given numbers and runs the design's protocol "generation" with them: instrument
    code, another simulator, or a :class:`Chip`. It is read before the first step with couplings in force, and then every
    `read_every` steps of the design up to the end. What its units do between reads beyond what is meant, least squares of
    that on their states gives what to write.

    Parameters
    ----------
    design : Design
        Trained: its couplings are what is meant, and what is written first.
    device : callable(J, bias, paths, first) -> array_like [reads, paths, units]
        `J` [units, units] and `bias` [units] in E0; `first` is the number of paths it was asked for before.
    paths, rounds, settling : int, optional
        Runs in a round; rounds, of which so many first ones take whole steps and the later ones are averaged.
    read_every : int, optional
        Steps of the design between reads; without it about 0.02 / mu.
    progress : True, or callable(rounds, of rounds)

    Raises
    ------
    ValueError
        Answers of another shape, or not finite; a design with stages, drives or clamps in coupled generation.
    Interrupted (KeyboardInterrupt)
        Ctrl-C, in the device too; ``.result`` is what was reached until then, None before the device has answered.

    Examples
    --------
    >>> import swell
    >>> bars = [[[1, 0, 0]] * 3, [[1] * 3, [0] * 3, [0] * 3]]
    >>> trained = swell.Generator(swell.design("whitelam2026", visible=(3, 3), hidden=4)).fit(bars, tolerance=0.05).trained
    >>> chip = swell.hardware.Chip(trained, "[couplings]\\nmismatch = '5 %'\\n", seed=3)
    >>> found = swell.hardware.retrain(trained, chip, paths=40, rounds=1)
    >>> found.parameters, found.paths  # 9 x 4 + 4 x 3 / 2 couplings and 4 biases
    (46, 80)
    """
    require(design, Design, "design", "a swell.Design")
    if not callable(device):
        raise TypeError(f"device is {device!r:.80}; a function of J, bias, paths and first is needed")
    given = {name: value for name, value in (("paths", paths), ("rounds", rounds), ("settling", settling),
                                             ("every", read_every), ("threads", threads)) if value is not None}

    def asked(J: Floats, bias: Floats, many: int, first: int) -> npt.NDArray[np.float32]:
        states = finite(device(J, bias, many, first), "the device's answer", 3)
        if states.shape[1:] != (many, len(bias)):
            raise ValueError(f"the device's answer has shape {states.shape}; [reads, paths, units] is needed, "
                             f"(reads, {many}, {len(bias)})")
        return np.ascontiguousarray(states, dtype=np.float32)

    with Told(progress) as tell:
        told = _swell._retrain(design, asked, given, tell)
    result = Retrained(Design(told["design"]), told["before"], told["after"], told["stderr"], told["parameters"],
                       told["paths"], told["nearer"], told["interrupted"])
    raise_if_stopped(told["interruption"], result)
    return result


def export(
    machine: Machine, folder: str | os.PathLike[str], *, couplings: str | None = None, name: str = "machine",
    picture: str = "conductance", unit: str = "quartic", C: float = 1e-12, t0: float = 1e-6, V0: float | None = None,
    temperature: float | None = None, resistors: bool = False, saturation: float = 0,
) -> None:
    """Writes a machine as a circuit with test benches for ngspice, as ``swell spice`` does.

    Parameters
    ----------
    machine : Machine
    folder : path
    couplings : str, optional
        The coupling set; without it the first.
    name : str
    picture : {"conductance", "charge", "flux"}
    unit : {"quartic", "cosh", "latch", "josephson"}
    C, t0 : float
        Capacitance of a unit of mobility 1, F; time of one 1/mu, s.
    V0, temperature : float, optional
        Voltage of x = 1, V; of the parts, K. In the charge and flux pictures one follows from the other.
    resistors : bool
        Of the conductance picture: negative couplings as resistors.
    saturation : float
        Of the conductance picture: couplings read ``saturation * tanh(x / saturation)`` of a unit in place of x, and
        the circuit has no potential; 0 for none.

    Raises
    ------
    ValueError
        Where the picture or the unit law cannot hold the machine.
    OSError
        Where the folder cannot be written.

    Examples
    --------
    >>> import pathlib, tempfile, swell
    >>> machine = swell.Machine(kT=0.1).group("x", 2, J2=1.0, J4=1.0).couplings("J").couple_units("x", 0, "x", 1, -0.5)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     swell.hardware.export(machine, folder, couplings="J")
    ...     any(file.suffix == ".cir" for file in pathlib.Path(folder).iterdir())
    True
    """
    require(machine, Machine, "machine", "a swell.Machine")
    _swell._spice_export(
        machine, None if couplings is None else text(couplings, "couplings"), text(name, "name"), path_of(folder, "folder"),
        text(picture, "picture"), text(unit, "unit"), number(C, "C"), number(t0, "t0"),
        None if V0 is None else number(V0, "V0"), None if temperature is None else number(temperature, "temperature"),
        bool(resistors), number(saturation, "saturation"))


def check(folder: str | os.PathLike[str], seed: int = 1) -> list[dict[str, Any]]:
    """Holds the circuit in a folder against its machine, in ngspice.

    Returns
    -------
    list of dict
        A layer each: layer, ran, passed, error, allowed, what, message.

    Raises
    ------
    OSError
        Where ngspice is not installed, or the folder is not what :func:`export` writes.

    Examples
    --------
    >>> import tempfile, swell
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     try:
    ...         swell.hardware.check(folder)
    ...     except OSError:
    ...         print("nothing was exported there")
    nothing was exported there
    """
    return list(_swell._spice_check(path_of(folder, "folder"), seed_of(seed)))
