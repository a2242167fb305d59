"""What can go wrong, beside ValueError (input), OSError (files) and MemoryError."""

from __future__ import annotations

import warnings
from typing import Any


class Diverged(ArithmeticError):
    """A state became infinite or NaN: the step dt is too long for the forces, or the potential does not confine.

    Attributes
    ----------
    trajectory, step, unit : int
        Where it happened first, each counted from 0.
    dt : float
        Length of the step, 1/mu.

    Examples
    --------
    >>> import swell
    >>> stiff = swell.Machine().group("x", 2, J2=-1.0, J4=1.0)
    >>> try:
    ...     swell.run(stiff, swell.Protocol().segment("s", 500.0), dt=5.0, start=[9.0, 9.0])
    ... except swell.Diverged as error:
    ...     error.dt
    5.0
    """

    trajectory: int = -1
    step: int = -1
    unit: int = -1
    dt: float = 0.0


class ToleranceMissed(RuntimeError):
    """The work ran, but what was asked for was not reached within what it may take.

    Examples
    --------
    >>> import swell
    >>> issubclass(swell.ToleranceMissed, RuntimeError)
    True
    """


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, or a progress callback that said False, ended the work.

    Attributes
    ----------
    result : object
        What was done until then, where something was kept: a :class:`swell.Run`, say. None otherwise.

    Examples
    --------
    >>> import swell
    >>> issubclass(swell.Interrupted, KeyboardInterrupt)
    True
    """

    result: Any = None


def raise_if_stopped(pending: BaseException | None, result: Any) -> None:
    """Raises the exception that ended the work; a KeyboardInterrupt carries what was kept."""
    if pending is None:
        return
    if not isinstance(pending, KeyboardInterrupt):
        raise pending
    if isinstance(pending, Interrupted):
        raise pending
    kept = "" if result is None else "; .result holds what was done until then"
    stopped = Interrupted(f"stopped by Ctrl-C{kept}")
    stopped.result = result
    raise stopped from pending


def raise_trouble(source: Any) -> None:
    """Raises OSError where a source of random bits (swell.entropy.open()) failed or ended too early; None is no source."""
    trouble = source.status()["failure"] if source is not None else ""
    if trouble:
        raise OSError(trouble) from None


def warn_of_trouble(source: Any, interrupted: bool) -> None:
    """Warns where that is why a run holds less than was asked for."""
    trouble = source.status()["failure"] if source is not None and interrupted else ""
    if trouble:
        warnings.warn(trouble, RuntimeWarning, stacklevel=3)
