"""Protocols: what changes in time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Union

import numpy as np

from . import _swell
from ._arrays import Floats, count, finite, number, real, text, whole_within
from ._html import table

__all__ = ["Protocol", "Schedule"]

#: A number, knots [[fraction, value], ...], or a function of the time since the segment began, 1/mu.
ScheduleLike = Union[float, Sequence[Sequence[float]], Callable[[Any], Any], "_swell.Schedule"]


class Schedule(_swell.Schedule):
    """A function of time within a segment: straight lines between knots, constant outside them.

    Parameters
    ----------
    knots : array [knots, 2]
        Fraction of the segment's duration, in [0, 1] and ascending; value.
    geometric : bool
        Lines are straight in the logarithm, between values above zero.

    Examples
    --------
    >>> import swell
    >>> swell.Schedule([[0, 1], [1, 3]])(0.5)
    2.0
    """

    def __init__(self, knots: Any, geometric: bool = False) -> None:
        array = finite(knots, "knots")
        if array.size == 0:
            array = array.reshape(0, 2)
        if array.ndim != 2 or array.shape[1] != 2:
            raise ValueError(f"knots have shape {array.shape}; [knots, 2] is needed: fraction of the segment, value")
        super().__init__(array, bool(geometric))

    def __call__(self, fraction: Any) -> Any:
        """The value at a fraction of the segment: a number, or an array of the same shape as that of fractions.

        Examples
        --------
        >>> import swell
        >>> swell.Schedule([[0, 1], [1, 3]])([0.0, 0.25, 1.0]).tolist()
        [1.0, 1.5, 3.0]
        """
        at = real(fraction, "fraction")
        values: Floats = np.array([super(Schedule, self).__call__(float(each)) for each in at.flat]).reshape(at.shape)
        return float(values) if at.ndim == 0 else values

    def __repr__(self) -> str:
        knots = self.knots.tolist()
        if len(knots) > 6:
            return f"Schedule({len(knots)} knots from {knots[0]} to {knots[-1]}{', geometric=True' if self.geometric else ''})"
        return f"Schedule({knots}{', geometric=True' if self.geometric else ''})"


def _schedule(value: ScheduleLike | None, duration: float, points: int, what: str) -> _swell.Schedule:
    if value is None:
        return Schedule([])
    if isinstance(value, _swell.Schedule):
        return value
    if callable(value):
        if points < 2:
            raise ValueError(f"{what} is sampled at {points} points; 2 or more are needed")
        fractions = np.linspace(0.0, 1.0, points)
        times = fractions * duration
        try:
            values = np.asarray(value(times))
        except (TypeError, ValueError):
            values = np.zeros(())
        if values.shape != times.shape:  # not a function of arrays
            values = np.array([value(float(time)) for time in times])
        return Schedule(np.stack([fractions, finite(values, what, 1)], axis=1))
    array = finite(value, what)
    if array.ndim == 0:
        return Schedule([[0.0, float(array)]])
    return Schedule(array)


class Protocol(_swell.Protocol):
    """What changes in time, and so what defines work: segments one after the other.

    Parameters
    ----------
    name : str, optional

    Examples
    --------
    >>> import numpy as np, swell
    >>> protocol = swell.Protocol("pull").segment("rest", 1.0)
    >>> protocol.segment("pull", 2.0, drive={"x": lambda t: np.sin(t)}, kT=[[0, 1.0], [1, 0.5]])
    Protocol('pull': rest 1, pull 2)
    """

    def __init__(self, name: str = "protocol") -> None:
        super().__init__(text(name, "the name of a protocol"))

    @classmethod
    def _of(cls, protocol: _swell.Protocol) -> Protocol:
        made = cls.__new__(cls)
        _swell.Protocol.__init__(made, protocol)
        return made

    def segment(
        self, name: str, duration: float, couplings: str | int | None = None, *, kT: ScheduleLike | None = None,
        drive: Mapping[str, ScheduleLike] | None = None, clamp: Sequence[str] = (), points: int = 257,
    ) -> Protocol:
        """Adds a segment; returns the protocol.

        Parameters
        ----------
        name : str
        duration : float
            1/mu, a multiple of the step dt; of p-bits a whole number of sweeps.
        couplings : str or int, optional
            The set in force: its name in a Machine; its number in a list of Ising models or linear systems, 0 where
            there is one. Without it nothing is coupled.
        kT : float, knots or function, optional
            Thermal energy, E0. The machine's without it.
        drive : dict of group to float, knots or function, optional
            Amplitude A(t), E0: the force on unit i of the group is A(t) pattern_i (see patterns= of :func:`run`).
        clamp : sequence of group
            Groups that are held at their pattern.
        points : int
            At how many times, evenly from the segment's beginning to its end, a function is sampled to knots.

        Notes
        -----
        A function is of the time since the segment began, 1/mu; it is called with an array of times, or else with
        one after the other. Knots are rows (fraction of the segment, value) with straight lines between.

        Raises
        ------
        ValueError
            Numbers that are not finite, knots out of order. Names are looked up when the protocol is run.

        Examples
        --------
        >>> import swell
        >>> swell.Protocol("cool").segment("cool", 5.0, kT=[[0, 1.0], [1, 0.1]]).segment("hold", 1.0, clamp=["x"])
        Protocol('cool': cool 5, hold 1)
        """
        held = [clamp] if isinstance(clamp, str) else list(clamp)
        length = number(duration, "duration")
        if couplings is not None and not isinstance(couplings, str):
            couplings = whole_within(couplings, "couplings, where they are no name,", 0, 2**31 - 1)
        if drive is not None and not isinstance(drive, Mapping):
            raise TypeError(f"drive is {drive!r:.80}; a dict of group to amplitude is needed")
        points = count(points, "points")
        drives = [(text(group, "a driven group"), _schedule(value, length, points, f"drive of '{group}'"))
                  for group, value in (drive or {}).items()]
        self._add(_swell.Segment(text(name, "the name of a segment"), length, couplings,
                                 _schedule(kT, length, points, "kT"), drives,
                                 [text(group, "a clamped group") for group in held]))
        return self

    @property
    def duration(self) -> float:
        """Of all segments, 1/mu.

        Examples
        --------
        >>> import swell
        >>> swell.Protocol().segment("a", 1.0).segment("b", 2.5).duration
        3.5
        """
        return float(sum(segment.duration for segment in self.segments))

    def steps(self, system: Any, dt: float) -> int:
        """Whole steps of length dt. ValueError where a duration is no multiple of dt, or the protocol does not fit.

        Examples
        --------
        >>> import swell
        >>> swell.Protocol().segment("a", 1.0).steps(swell.Machine().group("x", 2), 0.01)
        100
        """
        return self._steps(system, number(dt, "dt"))

    def __repr__(self) -> str:
        segments = ", ".join(f"{segment.name} {segment.duration:g}" for segment in self.segments)
        return f"Protocol('{self.name}': {segments or 'no segments'})"

    def _repr_html_(self) -> str:
        rows = [(segment.name, f"{segment.duration:g} / mu, couplings {segment.couplings}"
                 + "".join(f", drives {group}" for group, _ in segment.drive)
                 + "".join(f", clamps {group}" for group in segment.clamped)) for segment in self.segments]
        return table(f"Protocol {self.name}", rows)
