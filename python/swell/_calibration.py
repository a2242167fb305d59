"""What has to be written into a device so that it fluctuates like the machine that is meant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import _swell
from ._arrays import Floats, Ints, finite, text
from ._errors import raise_if_stopped
from ._html import table
from ._machines import Machine
from ._progress import Progress, Told

#: device(matrix, bias, samples) -> states [samples, units]
SampledDevice = Callable[[Floats, Floats, int], Any]


@dataclass(frozen=True)
class Calibration:
    """What :func:`calibrate` found. `stderr` are standard errors; those of the target are in them.

    Attributes
    ----------
    matrix, matrix_stderr : [units, units] float64, E0
        To write into the device: couplings J of a machine (zero diagonal), or the stiffness K.
    bias, bias_stderr : [units] float64, E0
        Biases to write; zeros of a linear machine.
    settled : bool
        Whether steps became short before the rounds that count; False casts doubt on all of it.
    settling, rounds, samples : int
        Rounds until then; rounds that counted, of whose scatter the standard errors are; samples that the device gave in all.
    interrupted : bool
        Whether it was ended before its time. Standard errors are NaN until two rounds have counted.
    units : [parameters, 2] int64
        The pair of units of each parameter, or a unit and -1 for its bias.
    moments, target, stderr : [parameters] float64
        Of a last question at what was found (of the last one that was answered, if interrupted): means of x_i x_j (of a bias x_i; of a diagonal of K x_i^2 / 2) of the device,
        those that are meant, and the standard errors of their differences.
    before, after : float
        Chi-square of these differences over their number: of what was written first, and of what was found. Near 1 the
        device does what is meant.

    Examples
    --------
    >>> import numpy as np, swell
    >>> rng = np.random.default_rng(1)
    >>> device = lambda K, bias, n: rng.normal(0.0, 1 / np.sqrt(1.25 * K[0, 0]), size=(n, 1))
    >>> found = swell.calibrate([[2.0]], device)
    >>> bool(abs(found.matrix[0, 0] - 2 / 1.25) < 5 * found.matrix_stderr[0, 0])
    True
    """

    matrix: Floats
    matrix_stderr: Floats
    bias: Floats
    bias_stderr: Floats
    settled: bool
    settling: int
    rounds: int
    samples: int
    interrupted: bool
    units: Ints
    moments: Floats
    target: Floats
    stderr: Floats
    before: float
    after: float

    def __repr__(self) -> str:
        doubt = ("" if self.settled else "; not settled") + ("; interrupted" if self.interrupted else "")
        return (f"Calibration({len(self.units)} parameters; {self.samples} samples; chi-square per moment "
                f"{self.before:.3g} before, {self.after:.3g} after{doubt})")

    def _repr_html_(self) -> str:
        return table("Calibration", [("parameters", str(len(self.units))), ("samples", str(self.samples)),
                                     ("chi-square per moment", f"{self.before:.3g} before, {self.after:.3g} after")])


def _asked(device: SampledDevice, matrix: Floats, bias: Floats, samples: int) -> Floats:
    """What a device says, looked over."""
    states = finite(device(matrix, bias, samples), "the device's answer", 2)
    if states.shape[0] < samples or states.shape[1] != len(bias):
        raise ValueError(f"the device's answer has shape {states.shape}; [samples, units] is needed, "
                         f"({samples}, {len(bias)})")
    return states


def calibrate(
    machine: Machine | Any, device: SampledDevice, target: Any = None, *, couplings: str | None = None,
    kT: float | None = None, samples: int | None = None, rounds: int | None = None, most_settling: int | None = None,
    progress: Progress = None,
) -> Calibration:
    """What to write into a device so that it fluctuates like the machine that is meant: hardware in the loop.

    The device is any callable that is given numbers and answers with samples of its equilibrium: instrument code, another
    simulator. What it makes of the numbers need not be known, only that it is near to what is written (less than twice as
    large). Newton's steps with the covariances of its own samples bring its moments to those that are meant; each further
    round then is an independent estimate, and their scatter gives the standard errors.

    Parameters
    ----------
    machine : Machine, or a symmetric positive definite matrix K
        What is meant, and what is written first. K is the stiffness of a linear machine, V = x^T K x / 2, of which the
        moments are known: <x x^T> = kT K^-1.
    device : callable(matrix, bias, samples) -> array_like [samples, units]
        `matrix` and `bias` as in :class:`Calibration`. Samples should be independent; where they are not, errors stay
        right as long as rounds are independent of each other.
    target : array_like [count, units], of a machine
        Independent states of the machine that is meant at equilibrium: those of :func:`run`, say.
    couplings : str, optional
        The coupling set, where the machine has several.
    kT : float, optional
        E0, at which K is meant; a machine has its own.
    samples : int, optional
        Asked of the device in a round; at least twice the parameters.
    rounds, most_settling : int, optional
        Rounds that count, and at most so many before them until steps are short.
    progress : True, or callable(rounds, of rounds)

    Raises
    ------
    ValueError
        Shapes that do not fit, samples too few or not finite.
    ToleranceMissed
        Parameters without an effect of their own.
    Interrupted (KeyboardInterrupt)
        Ctrl-C, in the device too; ``.result`` is what was found until then, None before the device has answered.

    Source: D. H. Ackley, G. E. Hinton, T. J. Sejnowski, Cogn. Sci. 9, 147 (1985); S. Amari, Neural Comput. 10, 251 (1998).

    Examples
    --------
    A device of two coupled cells that writes every stiffness a tenth too large:

    >>> import numpy as np, swell
    >>> rng = np.random.default_rng(1)
    >>> def device(K, bias, samples):
    ...     return rng.multivariate_normal([0.0, 0.0], np.linalg.inv(1.1 * K), samples)
    >>> found = swell.calibrate([[2.0, 0.5], [0.5, 1.0]], device)
    >>> np.round(1.1 * found.matrix, 1).tolist()
    [[2.0, 0.5], [0.5, 1.0]]
    >>> found.before > 5 and found.after < 5
    True
    """
    options = {"kT": kT, "samples": samples, "rounds": rounds, "most_settling": most_settling}
    given = {name: value for name, value in options.items() if value is not None}

    if not callable(device):
        raise TypeError(f"device is {device!r:.80}; a function of matrix, bias and samples is needed")

    def asked(matrix: Floats, bias: Floats, count: int) -> Floats:
        return _asked(device, matrix, bias, count)

    with Told(progress) as tell:
        if isinstance(machine, Machine):
            if target is None:
                raise ValueError("target is missing: states of the machine that is meant, such as those of swell.run")
            if kT is not None:
                raise ValueError("kT is for a matrix; a machine has its own")
            if couplings is None and len(machine.sets) != 1:
                raise ValueError(f"couplings names one of the machine's sets: {', '.join(machine.sets) or 'it has none'}")
            name = text(couplings, "couplings") if couplings is not None else machine.sets[0]
            found = _swell._calibrate_set(machine, name, finite(target, "target", 2), asked, given, tell)
        else:
            if target is not None or couplings is not None:
                raise ValueError("target and couplings are for a machine; the moments of a matrix are known")
            found = _swell._calibrate_stiffness(finite(machine, "the stiffness", 2), asked, given, tell)
    pending = found.pop("interruption")
    result = Calibration(**found)
    raise_if_stopped(pending, result)
    return result
