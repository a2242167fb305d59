"""Ground states of p-bits: the library's search, max-cut of graphs, and the sampler of dimod's kind."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np

from . import _swell
from ._arrays import Spins, edge_number, require_graph, spins
from ._html import table, took
from ._errors import raise_if_stopped
from ._machines import Ising
from ._progress import Progress, Told

__all__ = ["Cut", "GroundState", "ground_state", "max_cut"]


class GroundState(NamedTuple):
    """The best state that a search found.

    Examples
    --------
    >>> import swell
    >>> found = swell.ground_state(swell.Ising([[0, -1], [-1, 0]], [0.5, 0]), runs=1, sweeps=10)
    >>> found.spins.tolist(), found.energy
    ([1, -1], -1.5)
    """

    spins: Spins
    """[units] int8, +1 or -1."""
    energy: float
    """In units of the couplings."""
    info: dict[str, Any]
    """seconds, seconds_to_best, runs, sweeps, flips, heat (units of the couplings), found_by, bill, ..."""

    def __repr__(self) -> str:
        return f"GroundState({len(self.spins)} p-bits, energy {self.energy:g}; {took(self.info)})"

    def _repr_html_(self) -> str:
        return table("Ground state", [("p-bits", str(len(self.spins))), ("energy", f"{self.energy:g}"), ("search", took(self.info))])


def present_options(options: dict[str, Any]) -> dict[str, Any]:
    """The options of a search that were given, by their present names: its budget was once called time."""
    given = {name: value for name, value in options.items() if value is not None}
    if "time" not in given:
        return given
    if "budget" in given:
        raise TypeError("time is the older name of budget; one of the two is needed, not both")
    warnings.warn("time= of a search is now called budget=", FutureWarning, stacklevel=3)
    return {"budget" if name == "time" else name: value for name, value in given.items()}


def _starts(value: Any, units: int) -> Spins:
    rows = np.atleast_2d(np.asarray(value.spins if isinstance(value, GroundState) else value))
    if rows.ndim != 2 or rows.shape[1] != units or not len(rows):
        raise ValueError(f"start has shape {np.shape(value)}; [{units}] or [starts, {units}] is needed")
    return spins(rows, "start", 2)


def ground_state(model: Ising, *, progress: Progress = None, **options: Any) -> GroundState:
    """Looks for the lowest energy of a model, as `swell ising` does.

    Parameters
    ----------
    model : Ising
    method : "anneal", "tempering" or "langevin"
    budget : float
        Wall time, s. Models of up to 24 p-bits end as soon as the lowest of all energies is found.
    runs, sweeps : int
        So many runs of so many sweeps: the same answer for any threads. With runs= the budget is not looked at.
    hot, cold : float
        kT to start and end at, in units of the couplings; 0 for the model's own.
    rule : "gibbs" or "metropolis", of p-bits
        How they flip; without it Gibbs' rule (heat bath) where hot and cold are the same, and Metropolis', which finds
        ground states sooner, where p-bits are cooled. ``info["rule"]`` is the one taken.
    target : float
        Stop at this energy or below.
    start : array [units] or [starts, units] of +1 and -1, or a GroundState
        States to begin with instead of random ones, one run after the other (with "tempering" one replica, with
        "langevin" one trajectory after the other). Runs begin at the temperature `hot`: a lower one keeps more of the
        start. The answer is no worse than the best of them.
    seed, threads : int
    isa : str
    progress : True, or callable(seconds, of seconds)

    Returns
    -------
    GroundState

    Raises
    ------
    TypeError
        No Ising model, or an option that a search has not.
    ValueError
        An option that is not allowed, a start of another size.
    Interrupted (KeyboardInterrupt)
        Ctrl-C; ``.result`` is the best state until then.

    Examples
    --------
    >>> import swell
    >>> first = swell.ground_state(swell.Ising([[0, -1], [-1, 0]]), runs=1, sweeps=10)
    >>> first.energy
    -1.0
    >>> swell.ground_state(swell.Ising([[0, -1], [-1, 0]]), start=first, runs=1, sweeps=1).energy
    -1.0
    """
    if not isinstance(model, Ising):
        raise TypeError(f"a swell.Ising is needed, this is {type(model).__name__}; swell.SwellSampler takes models of dimod")
    given = present_options(options)
    if "start" in given:
        given["start"] = _starts(given["start"], model.units)
    state, pending = _look(model, given, progress)
    raise_if_stopped(pending, state)
    return state


def _look(model: Ising, given: dict[str, Any], progress: Progress) -> tuple[GroundState, Any]:
    """What was found, and the exception that ended the search or None."""
    with Told(progress) as tell:
        info = _swell._search(model, given, tell)
    pending = info.pop("interruption")
    return GroundState(info.pop("spins"), info.pop("energy"), info), pending


class Cut(NamedTuple):
    """Two sides of a graph.

    Examples
    --------
    >>> import networkx, swell
    >>> cut = swell.max_cut(networkx.path_graph(3), runs=1, sweeps=10)
    >>> sorted(sorted(side) for side in cut.sides)
    [[0, 2], [1]]
    """

    sides: tuple[set[Any], set[Any]]
    """The nodes of each side."""
    weight: float
    """Of the edges between them."""
    info: dict[str, Any]
    """As of :class:`GroundState`."""

    def __repr__(self) -> str:
        return f"Cut({len(self.sides[0])} and {len(self.sides[1])} nodes, weight {self.weight:g}; {took(self.info)})"

    def _repr_html_(self) -> str:
        return table("Cut", [("nodes", f"{len(self.sides[0])} and {len(self.sides[1])}"), ("weight", f"{self.weight:g}"),
                             ("search", took(self.info))])


def max_cut(graph: Any, *, weight: str = "weight", progress: Progress = None, **options: Any) -> Cut:
    """The largest cut of a networkx graph that a search finds. Options as of :func:`ground_state`; start= takes a Cut too.

    Parameters
    ----------
    graph : networkx.Graph or MultiGraph
        Directed edges count as undirected; loops count nothing.
    weight : str
        The edges' attribute, 1 where it is missing.

    Raises
    ------
    ValueError
        An option that is not allowed, a weight that is not finite.
    TypeError
        An option that a search has not.

    Examples
    --------
    >>> import networkx, swell
    >>> swell.max_cut(networkx.cycle_graph(4), runs=1, sweeps=10).weight
    4.0
    """
    require_graph(graph)
    nodes = list(graph)
    number = {node: k for k, node in enumerate(nodes)}
    if not nodes:
        return Cut((set(), set()), 0.0, {})
    edges = [(number[u], number[v], edge_number(data, weight, u, v)) for u, v, data in graph.edges(data=True) if u != v]
    ends = np.array([edge[:2] for edge in edges], dtype=np.int64).reshape(-1, 2)
    weights = np.array([edge[2] for edge in edges])
    given = present_options(options)
    if isinstance(given.get("start"), Cut):
        up = given["start"].sides[0]
        given["start"] = np.array([1 if node in up else -1 for node in nodes])
    if "start" in given:
        given["start"] = _starts(given["start"], len(nodes))
    found, pending = _look(Ising.from_edges(len(nodes), ends, -weights), given, progress)
    cut = weights[found.spins[ends[:, 0]] != found.spins[ends[:, 1]]]
    up = {node for node, spin in zip(nodes, found.spins) if spin > 0}
    result = Cut((up, set(nodes) - up), float(cut.sum()), found.info)
    raise_if_stopped(pending, result)
    return result
