"""Tours and mail rounds by thermal moves that keep a tour a tour.

Options of both: budget (s), runs (the same answer for any threads; the budget is not looked at), target (stop at this length or
below), seed, threads; progress, True or callable(seconds, of seconds).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from . import _swell
from ._arrays import Ints, edge_number, finite, require_graph, text
from ._html import table, took
from ._errors import raise_if_stopped
from ._progress import Progress, Told
from ._search import present_options

__all__ = ["Round", "Tour", "postman", "tour"]

_MOST_DISTANCE = 10**9


class Tour(NamedTuple):
    """A closed tour.

    Examples
    --------
    >>> import swell
    >>> tour = swell.route.tour([[0, 0], [0, 3], [4, 0]], runs=1)
    >>> tour.length, sorted(tour.order.tolist())
    (12.0, [0, 1, 2])
    """

    order: Ints
    """[cities], each once."""
    length: float
    """In the units of the distances."""
    bound: float | None
    """No tour is shorter, where that is known."""
    info: dict[str, Any]
    """What the search did: seconds, moves, heat (in units of the distances), bill, ..."""

    def __repr__(self) -> str:
        return f"Tour({len(self.order)} cities, length {self.length:.6g}{_bound(self.bound)}; {took(self.info)})"

    def _repr_html_(self) -> str:
        return table("Tour", [("cities", str(len(self.order))), ("length", f"{self.length:.6g}{_bound(self.bound)}"),
                              ("search", took(self.info))])


class Round(NamedTuple):
    """A walk through a graph.

    Examples
    --------
    >>> import networkx, swell
    >>> walk = swell.route.postman(networkx.cycle_graph(3), runs=1)
    >>> walk.length, walk.optimal
    (3.0, True)
    """

    nodes: list[Any]
    """In order, the start first."""
    edges: list[tuple[Any, ...]]
    """(u, v) as walked; (u, v, key) of a multigraph."""
    length: float
    """Of the whole walk, in the units of the edges."""
    bound: float | None
    """No such walk is shorter, where that is known."""
    optimal: bool
    """Whether that proves it the shortest."""
    info: dict[str, Any]
    """What the search did: seconds, moves, heat (in units of the lengths), bill, ..."""

    def __repr__(self) -> str:
        proof = ", optimal" if self.optimal else _bound(self.bound)
        return f"Round({len(self.edges)} edges, length {self.length:.6g}{proof}; {took(self.info)})"

    def _repr_html_(self) -> str:
        proof = ", optimal" if self.optimal else _bound(self.bound)
        return table("Mail round", [("edges", str(len(self.edges))), ("length", f"{self.length:.6g}{proof}"), ("search", took(self.info))])


def _bound(bound: float | None) -> str:
    return "" if bound is None else f", none below {bound:.6g}"


def tour(where: Any, *, rule: str | None = None, progress: Progress = None, **options: Any) -> Tour:
    """The shortest closed tour that is found.

    Parameters
    ----------
    where : array [cities, 2] of points, or [cities, cities] of distances
        Two rows are two points. A matrix is symmetric; distances that are not whole are rounded to a part in 10^9 of the
        largest for the search; the length is of the distances as given.
    rule : str, optional
        Distances between points as TSPLIB rounds them: "EUC_2D", "CEIL_2D", "MAN_2D", "MAX_2D", "GEO", "ATT".
        Without it they are Euclidean, to a part in 10^6 of the largest extent for the search.

    Raises
    ------
    ValueError
        A wrong shape, a matrix that is not symmetric, a rule that is not known.

    Examples
    --------
    >>> import swell
    >>> swell.route.tour([[0, 0], [0, 1], [1, 1], [1, 0], [0.5, 0]]).length
    4.0
    """
    array = finite(where, "points or distances", 2)
    rule = None if rule is None else text(rule, "rule")
    given = present_options(options)
    points = array.shape[1] == 2
    if points and rule is not None:
        scale = 1.0
    elif points:
        span = float(np.ptp(array, axis=0).max()) if len(array) else 0.0
        scale = 1e6 / span if span > 0 else 1.0
    else:
        if array.shape[0] != array.shape[1]:
            raise ValueError(f"an array of shape {array.shape} is neither points [cities, 2] nor distances "
                             "[cities, cities]")
        if (array < 0).any():
            row, column = (int(k) for k in np.argwhere(array < 0)[0])
            raise ValueError(f"distance [{row}, {column}] is {array[row, column]:g}; 0 or more is needed")
        largest = float(np.abs(array).max()) if array.size else 0.0
        whole = np.array_equal(array, np.rint(array)) and largest <= _MOST_DISTANCE
        scale = 1.0 if whole or largest == 0 else _MOST_DISTANCE / largest
    if given.get("target") is not None:
        given["target"] = float(given["target"]) * scale
    with Told(progress) as tell:
        if points and rule is not None:
            found = _swell._tour_of_points(array, rule, given, tell)
        elif points:
            shifted = np.ascontiguousarray((array - array.min(axis=0, initial=np.inf)) * scale)
            found = _swell._tour_of_points(shifted, "EUC_2D", given, tell)
        else:
            found = _swell._tour_of_matrix(np.rint(array * scale).astype(np.int64), given, tell)
    order, length, bound = found.pop("order"), float(found.pop("length")), found.pop("bound")
    if points and rule is None:
        steps = array[order] - array[np.roll(order, -1)]
        length = float(np.hypot(steps[:, 0], steps[:, 1]).sum())
        bound = None  # of rounded distances
    elif not points and scale != 1:
        length, bound = float(array[order, np.roll(order, -1)].sum()), None
    pending = found.pop("interruption")
    result = Tour(order, length, None if bound is None else float(bound), found)
    raise_if_stopped(pending, result)
    return result


def postman(
    graph: Any, *, start: Any = None, end: Any = None, required: str | None = None, weight: str = "weight",
    progress: Progress = None, **options: Any,
) -> Round:
    """The shortest walk along all edges of a networkx graph, or along those that are required.

    Parameters
    ----------
    graph : networkx.Graph, DiGraph, MultiGraph or MultiDiGraph
        Directed edges are one-way.
    start, end : node, optional
        The first node without `start`; back at the start without `end`; "anywhere" ends where it is shortest.
    required : str, optional
        Attribute that is true of the edges to be walked; all without it.
    weight : str
        Attribute with the length, 1 where it is missing.

    Raises
    ------
    ValueError
        A node that is not there, a negative length, a required edge that cannot be reached.

    Examples
    --------
    >>> import networkx, swell
    >>> walk = swell.route.postman(networkx.path_graph(3))
    >>> walk.length, walk.nodes, walk.optimal
    (4.0, [0, 1, 2, 1, 0], True)
    """
    require_graph(graph)
    nodes = list(graph)
    number = {node: k for k, node in enumerate(nodes)}
    if not nodes:
        raise ValueError("the graph has no nodes")
    first = nodes[0] if start is None else start
    anywhere = isinstance(end, str) and end == "anywhere" and end not in number
    for node in (first, *(() if end is None or anywhere else (end,))):
        if node not in number:
            raise ValueError(f"node {node!r} is not in the graph")
    multi, directed = graph.is_multigraph(), graph.is_directed()
    edges = list(graph.edges(keys=True, data=True)) if multi else [(u, v, None, d) for u, v, d in graph.edges(data=True)]
    if not edges:
        raise ValueError("the graph has no edges")
    if graph.degree(first) == 0:
        raise ValueError(f"the walk starts at node {first!r}, which has no edges; start= names another")
    if required is not None and not any(required in edge[3] for edge in edges):
        raise ValueError(f"no edge has the attribute {required!r} that says whether it is required")
    length = np.array([edge_number(edge[3], weight, edge[0], edge[1]) for edge in edges])
    for edge, each in zip(edges, length):
        if each < 0:
            raise ValueError(f"{weight!r} of edge {edge[0]!r} - {edge[1]!r} is {each:g}; 0 or more is needed")
    must = np.array([1 if required is None or edge[3].get(required) else 0 for edge in edges], dtype=np.int8)
    with Told(progress) as tell:
        found = _swell._round(
            len(nodes), np.array([number[edge[0]] for edge in edges], dtype=np.int64),
            np.array([number[edge[1]] for edge in edges], dtype=np.int64), length,
            np.full(len(edges), np.inf) if directed else length.copy(), must, number[first],
            None if end is None or anywhere else number[end], anywhere, present_options(options), tell)
    walked = []
    for street, back in found.pop("steps"):
        u, v, key, _ = edges[street]
        ends = (v, u) if back else (u, v)
        walked.append((*ends, key) if multi else ends)
    pending = found.pop("interruption")
    result = Round([nodes[k] for k in found.pop("nodes")], walked, found.pop("length"), found.pop("bound"),
                   found.pop("proved"), found)
    raise_if_stopped(pending, result)
    return result
