"""Circuits and chips: machines as netlists, boards from netlists, the faults of a real chip.

See the page on circuits and chips in the documentation. The checks run in ngspice, an optional program.
"""

from __future__ import annotations

import os
from typing import Any, NamedTuple

from . import _swell
from ._arrays import Floats, count, number, text
from ._machines import Ising, LinearSystem, Machine

__all__ = ["Board", "board", "check", "export", "perturb"]


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
    """

    outputs: list[str]
    mean: Floats
    covariance: Floats
    system: LinearSystem
    read: Floats
    rest: Floats


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
    machine : Machine, Ising or LinearSystem
    spec : str
        The text of a specification (TOML), the tables [couplings], [units], [noise] and [readout].
    seed : int
        Which chip it is.

    Returns
    -------
    Machine, Ising or LinearSystem
        Of the same kind. A LinearSystem with a correlation time or a delay has further quantities behind its own.

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
    """
    made = _swell._perturb(machine, text(spec, "spec"), "spec", count(seed, "seed"))
    if isinstance(made, _swell.LinearSystem):
        return LinearSystem(made.drift, made.noise, made.c)
    if isinstance(made, _swell.Ising):
        chip = Ising.__new__(Ising)
        _swell.Ising.__init__(chip, made)
        return chip
    return Machine._of(made)


def export(
    machine: Machine, folder: str | os.PathLike[str], *, couplings: str | None = None, name: str = "machine",
    picture: str = "conductance", unit: str = "quartic", C: float = 1e-12, t0: float = 1e-6, V0: float | None = None,
    temperature: float | None = None, resistors: bool = False,
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

    Raises
    ------
    ValueError
        Where the picture or the unit law cannot hold the machine.
    """
    _swell._spice_export(
        machine, None if couplings is None else text(couplings, "couplings"), text(name, "name"), os.fsdecode(folder),
        text(picture, "picture"), text(unit, "unit"), number(C, "C"), number(t0, "t0"),
        None if V0 is None else number(V0, "V0"), None if temperature is None else number(temperature, "temperature"),
        bool(resistors))


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
    """
    return list(_swell._spice_check(os.fsdecode(folder), count(seed, "seed")))
