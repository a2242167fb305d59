"""Pictures with matplotlib. Each function draws into `ax`, a new figure without it, and returns it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from ._arrays import Floats, finite, real, whole

if TYPE_CHECKING:
    from .learn import Readings
    from ._machines import Machine
    from ._runs import Run

__all__ = ["convergence", "couplings", "course", "covariance", "film", "grid", "heat", "landscape", "readings",
           "receptive_fields", "streets", "tour"]


def _matplotlib(part: str) -> Any:
    try:
        return import_module(f"matplotlib.{part}")
    except ImportError:
        raise ImportError("swell.plot draws with matplotlib, which is not here: pip install matplotlib") from None


def _axes(ax: Any, size: tuple[float, float] = (5, 4)) -> Any:
    return _matplotlib("pyplot").subplots(figsize=size, layout="constrained")[1] if ax is None else ax


def _tiles(images: Any, columns: int | None, gap: int = 1) -> Any:
    pictures = real(images, "images", 3)
    count, rows, width = pictures.shape
    if not pictures.size:
        raise ValueError(f"images have shape {pictures.shape}; one image or more, of one pixel or more, is needed")
    if columns is not None and columns < 1:
        raise ValueError(f"columns is {columns}; 1 or more is allowed")
    across = columns or int(np.ceil(np.sqrt(count)))
    down = -(-count // across)
    sheet = np.full((down * (rows + gap) - gap, across * (width + gap) - gap), np.nan)
    for k, picture in enumerate(pictures):
        r, c = divmod(k, across)
        sheet[r * (rows + gap):r * (rows + gap) + rows, c * (width + gap):c * (width + gap) + width] = picture
    return sheet


def grid(images: Any, columns: int | None = None, ax: Any = None) -> Any:
    """Images [n, rows, columns] side by side, -1 black to 1 white.

    Raises
    ------
    ValueError
        No images, or not three dimensions; columns below 1.
    ImportError
        matplotlib is not here.

    Examples
    --------
    >>> import numpy as np, swell
    >>> swell.plot.grid(np.zeros((4, 3, 3))).get_images()[0].get_array().shape
    (7, 7)
    """
    ax = _axes(ax, (6, 6))
    ax.imshow(_tiles(images, columns), cmap="gray", vmin=-1, vmax=1, interpolation="nearest")
    ax.set_axis_off()
    return ax


def couplings(machine: Machine, name: str, ax: Any = None) -> Any:
    """J of a coupling set as a map, E0; blue negative, red positive. Lines separate groups.

    Raises
    ------
    ValueError
        There is no such set.
    ImportError
        matplotlib is not here.

    Examples
    --------
    >>> import swell
    >>> machine = swell.Machine(kT=0.3).group("x", (4, 4), J2=-1.0, J4=1.0).group("h", 6)
    >>> machine.couplings("J").couple("x", "h", [[0.1] * 6] * 16)
    Machine(x: 4 x 4, h: 6 units; kT = 0.3; sets: J)
    >>> swell.plot.couplings(machine, "J").get_title()
    'couplings, J'
    """
    ax = _axes(ax)
    J = machine.matrix(name)
    most = float(np.abs(J).max()) or 1.0
    picture = ax.imshow(J, cmap="RdBu_r", vmin=-most, vmax=most, interpolation="nearest")
    border = 0
    for shape in list(machine.groups.values())[:-1]:
        border += int(np.prod(shape))
        ax.axhline(border - 0.5, color="0.6", lw=0.5)
        ax.axvline(border - 0.5, color="0.6", lw=0.5)
    ax.set(xlabel="unit", ylabel="unit", title=f"couplings, {name}")
    ax.figure.colorbar(picture, ax=ax, label="J / E0")
    return ax


def receptive_fields(machine: Machine, name: str, of: str, on: str, count: int = 64, ax: Any = None) -> Any:
    """What the first `count` units of group `of` are coupled to in group `on`, whose shape is an image's. A coupling
    J < 0 pulls units to one sign: it is drawn light.

    Raises
    ------
    ValueError
        A group or set that is not there; group `on` has not two extents.
    ImportError
        matplotlib is not here.

    Examples
    --------
    >>> import swell
    >>> machine = swell.Machine(kT=0.3).group("x", (4, 4), J2=-1.0, J4=1.0).group("h", 6)
    >>> machine.couplings("J").couple("x", "h", [[0.1] * 6] * 16)
    Machine(x: 4 x 4, h: 6 units; kT = 0.3; sets: J)
    >>> len(swell.plot.receptive_fields(machine, "J", of="h", on="x").get_images())
    1
    """
    first, spans = 0, {}
    for group, shape in machine.groups.items():
        size = int(np.prod(shape))
        spans[group] = (slice(first, first + size), shape)
        first += size
    for group in (of, on):
        if group not in spans:
            raise ValueError(f"there is no group '{group}'; the machine has {', '.join(spans)}")
    block = -machine.matrix(name)[spans[of][0], spans[on][0]][:count]
    shape = spans[on][1]
    if len(shape) != 2:
        raise ValueError(f"group '{on}' has shape {shape}; two extents are needed")
    ax = _axes(ax, (6, 6))
    most = float(np.abs(block).max()) or 1.0
    ax.imshow(_tiles(block.reshape(-1, *shape), None), cmap="gray", vmin=-most, vmax=most, interpolation="nearest")
    ax.set_axis_off()
    return ax


def heat(values: Any, ax: Any = None, unit: str = "kT", bins: int = 40) -> Any:
    """Histogram of the heat of trajectories, [n], with its mean and standard error.

    Raises
    ------
    ValueError
        No values, or one that is not finite.
    ImportError
        matplotlib is not here.

    Examples
    --------
    >>> import swell
    >>> swell.plot.heat([1.0, 2.0, 3.0]).get_legend_handles_labels()[1]
    ['2 +- 0.58 kT']
    """
    values = finite(values, "heat").ravel()
    if not len(values):
        raise ValueError("heat has no values; that of one trajectory or more is needed")
    ax = _axes(ax)
    ax.hist(values, bins=bins, color="0.7")
    mean = values.mean()
    error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else 0.0
    ax.axvspan(mean - error, mean + error, color="C3", alpha=0.4, lw=0)
    ax.axvline(mean, color="C3", label=f"{mean:.4g} +- {error:.2g} {unit}")
    ax.set(xlabel=f"heat / {unit}", ylabel="trajectories")
    ax.legend(frameon=False)
    return ax


def readings(found: Readings, ax: Any = None) -> Any:
    """What the answers of a trained machine are worth against their heat, with standard errors: a line for each
    temperature, and a kind of mark for each read time. Of one read time one line through the temperatures.

    Parameters
    ----------
    found : swell.learn.Readings
        As ``model.read(...)`` gives it.

    Raises
    ------
    ImportError
        matplotlib is not here.

    Examples
    --------
    >>> import numpy as np, swell
    >>> X, y = np.array([[-1.0], [-0.8], [0.8], [1.0]] * 8), [0, 0, 1, 1] * 8
    >>> model = swell.learn.Classifier(hidden=8, updates=200, random_state=1).fit(X, y)
    >>> ax = swell.plot.readings(model.read(X, y, durations=[0.2, 1.0], kTs=[0.1, 1.0]))
    >>> ax.get_ylabel(), ax.get_legend_handles_labels()[1]
    ('accuracy', ['t = 0.2 / mu', 't = 1 / mu', 'kT = 0.1 E0', 'kT = 1 E0'])
    """
    ax = _axes(ax)
    score, heat = [np.stack([part.value, part.stderr]) for part in (found.score, found.heat_kT)]
    times = [f"t = {time:g} / mu" for time in found.durations]
    baths = [f"kT = {kT:g} E0" for kT in found.kTs]
    if len(times) == 1:  # lines go through temperatures
        score, heat, times, baths = score.swapaxes(1, 2), heat.swapaxes(1, 2), baths, times
    for k, name in enumerate(baths):
        ax.errorbar(heat[0, k], score[0, k], score[1, k], heat[1, k], fmt="-", lw=1, color=f"C{k}", label=name)
    for t, name in enumerate(times):
        mark = "osD^v<>*"[t % 8]
        ax.scatter(heat[0, :, t], score[0, :, t], 22, [f"C{k}" for k in range(len(baths))], marker=mark, zorder=3)
        ax.plot([], [], mark, color="0.4", ms=5, label=name)
    if (heat[0] > 0).all():
        ax.set_xscale("log")
    ax.set(xlabel="heat of one reading / kT", ylabel=found.what)
    ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.1, ncols=2, fontsize=8)
    return ax


def covariance(sampled: Any, true: Any, stderr: Any = None, ax: Any = None) -> Any:
    """Entries of a sampled covariance, or of any other array, against the true ones, with the line on which both agree.

    Parameters
    ----------
    sampled : array, or an answer of :mod:`swell.linalg`
        An answer brings its standard errors with it.
    true : array of the same shape
    stderr : array of the same shape, optional
        Standard errors of the entries, drawn as bars.

    Raises
    ------
    ValueError
        Shapes that differ, nothing to draw, a number that is not finite.
    ImportError
        matplotlib is not here.

    Examples
    --------
    >>> import numpy as np, swell
    >>> A = np.array([[2.0, 0.5], [0.5, 1.0]])
    >>> swell.plot.covariance(swell.linalg.inv(A, seed=1), np.linalg.inv(A)).get_xlabel()
    'true'
    """
    if stderr is None:
        stderr = getattr(sampled, "stderr", None)
    a, b = finite(getattr(sampled, "value", sampled), "sampled"), finite(true, "true")
    if a.shape != b.shape or not a.size:
        raise ValueError(f"sampled has shape {a.shape} and true {b.shape}; arrays of one shape, not empty, are needed")
    error = None if stderr is None else real(stderr, "stderr")
    if error is not None and error.shape != a.shape:
        raise ValueError(f"stderr has shape {error.shape}; {a.shape}, as of sampled, is needed")
    ax = _axes(ax, (5, 5))
    ends = np.array([min(a.min(), b.min()), max(a.max(), b.max())])
    ax.plot(ends, ends, "-", color="0.6", lw=1, zorder=1, label="sampled = true")
    own = np.eye(len(a), dtype=bool) if a.ndim == 2 and a.shape[0] == a.shape[1] else np.zeros(a.shape, bool)
    for part, name, color in ((~own, "covariances", "C0"), (own, "variances", "C3")):
        if part.any():
            ax.errorbar(b[part], a[part], None if error is None else error[part], fmt="o", ms=3, lw=0.8, color=color,
                        label=name if own.any() else "entries")
    ax.set(xlabel="true", ylabel="sampled")
    ax.legend(frameon=False)
    return ax


def course(run: Run, ax: Any = None) -> Any:
    """Mean of each group in time with a band of its spread (root of the variance); needs course= in the run.

    Raises
    ------
    ValueError
        The run kept no course.
    ImportError
        matplotlib is not here.

    Examples
    --------
    >>> import swell
    >>> run = swell.run(swell.Machine().group("x", 9), swell.Protocol().segment("s", 1.0), dt=0.1, trajectories=4, course=0.5)
    >>> swell.plot.course(run).get_xlabel()
    'time x mu'
    """
    ax = _axes(ax)
    made = run.course
    for g, name in enumerate(made.groups):
        mean, spread = made.mean.value[:, g], np.sqrt(np.maximum(made.variance.value[:, g], 0))
        ax.fill_between(made.times, mean - spread, mean + spread, color=f"C{g}", alpha=0.15, lw=0)
        ax.errorbar(made.times, mean, made.mean.stderr[:, g], color=f"C{g}", label=name)
    ax.set(xlabel="time x mu", ylabel="mean x, band: spread")
    ax.legend(frameon=False)
    return ax


def landscape(J2: float, J3: float = 0.0, J4: float = 0.0, kT: float | None = None, ax: Any = None) -> Any:
    """On-site energy J2 x^2 + J3 x^3 + J4 x^4 of a unit, E0; kT as a bar above the lowest point.

    Raises
    ------
    ValueError
        An energy that does not confine.
    ImportError
        matplotlib is not here.

    Examples
    --------
    >>> import swell
    >>> swell.plot.landscape(J2=-1.0, J4=1.0, kT=0.1).get_ylabel()
    'V / E0'
    """
    from ._machines import Machine

    ax = _axes(ax)
    x = np.linspace(-2, 2, 401)
    V = Machine().group("x", 1, J2=J2, J3=J3, J4=J4).energy(x[:, None])
    ax.plot(x, V)
    if kT is not None:
        low = int(V.argmin())
        ax.plot([x[low]] * 2, [V[low], V[low] + kT], color="C3", lw=3, label=f"kT = {kT:g}")
        ax.legend(frameon=False)
    ax.set(xlabel="x", ylabel="V / E0")
    return ax


def convergence(samples: Any, errors: Any, ax: Any = None) -> Any:
    """Errors against the number of samples, both [n], with the line 1 / sqrt(samples) through the last.

    Raises
    ------
    ValueError
        Not as many of each, none, or a number that is not above 0.
    ImportError
        matplotlib is not here.

    Examples
    --------
    >>> import swell
    >>> looks = swell.linalg.inv([[2.0, 0.5], [0.5, 1.0]], seed=1).diagnostics["looks"]
    >>> ax = swell.plot.convergence([look["samples"] for look in looks], [look["error"] for look in looks])
    >>> ax.get_xscale()
    'log'
    """
    n, e = finite(samples, "samples", 1), finite(errors, "errors", 1)
    if n.shape != e.shape or not len(n):
        raise ValueError(f"there are {len(n)} samples and {len(e)} errors; as many of each are needed, one or more")
    if not (n > 0).all() or not (e > 0).all():
        raise ValueError("a number of samples or an error is 0 or below; the axes are logarithmic, and numbers above 0 are needed")
    ax = _axes(ax)
    ax.loglog(n, e, "o-")
    ax.loglog(n, e[-1] * np.sqrt(n[-1] / n), "--", color="0.5", label="1 / sqrt(samples)")
    ax.set(xlabel="samples", ylabel="error")
    ax.legend(frameon=False)
    return ax


def _on_a_map(ax: Any, where: Floats, degrees: bool) -> Any:
    """Both axes on one scale; of longitudes and latitudes the scale at the middle."""
    ax = _axes(ax, (6, 6))
    ax.set_aspect(1 / np.cos(np.radians(where[:, 1].mean())) if degrees else "equal")
    ax.set(xlabel="longitude" if degrees else "x", ylabel="latitude" if degrees else "y")
    return ax


def tour(points: Any, order: Any, ax: Any = None, *, degrees: bool = False) -> Any:
    """A closed tour through points [cities, 2], in this order; its first city is marked.

    Parameters
    ----------
    points : array [cities, 2]
        x and y; longitude and latitude with degrees=True.
    order : array [cities] of int, or a :class:`swell.route.Tour`

    Raises
    ------
    ValueError
        Not [cities, 2] points, an empty order, or a city that is not there.
    ImportError
        matplotlib is not here.

    Examples
    --------
    >>> import swell
    >>> points = [[0, 0], [0, 3], [4, 0]]
    >>> len(swell.plot.tour(points, swell.route.tour(points, runs=1)).lines[0].get_xdata())
    4
    """
    where = real(points, "points", 2)
    cities = whole(getattr(order, "order", order), "order", 1)
    if where.shape[1] != 2 or not len(where) or not len(cities):
        raise ValueError(f"points have shape {where.shape} and order {cities.shape}; [cities, 2] and [cities] are needed")
    if cities.min() < 0 or cities.max() >= len(where):
        raise ValueError(f"order has city {cities[(cities < 0) | (cities >= len(where))][0]}; there are cities 0 to {len(where) - 1}")
    closed = where[np.append(cities, cities[0])]
    ax = _on_a_map(ax, where, degrees)
    ax.plot(closed[:, 0], closed[:, 1], "-", color="C0", lw=1.2)
    ax.plot(where[:, 0], where[:, 1], "o", color="C0", ms=3)
    ax.plot(*closed[0], "o", color="C3", ms=7, label="start")
    _legend_above(ax)
    return ax


def _legend_above(ax: Any) -> None:
    ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.1, ncols=2)


def _places(graph: Any, positions: Any) -> dict[Any, Floats]:
    """x and y of each node: as given, or from its attributes "pos", or "x" and "y"."""
    places = {}
    for node, data in graph.nodes(data=True):
        if positions is not None:
            found = positions.get(node)
        else:
            found = data.get("pos", (data["x"], data["y"]) if "x" in data and "y" in data else None)
        if found is None:
            raise ValueError(f"node {node!r} has no place on the map; give positions={{node: (x, y)}}, or the nodes of the "
                             "graph attributes \"pos\", or \"x\" and \"y\"")
        places[node] = finite(found, f"the place of node {node!r}", 1)[:2]
    return places


def _line(graph: Any, edge: tuple[Any, ...], places: dict[Any, Floats]) -> Floats:
    """The course of a street from edge[0] to edge[1], [points, 2]: its attribute "geometry" where there is one."""
    data = graph.get_edge_data(*edge) or {}
    ends = np.stack([places[edge[0]], places[edge[1]]])
    if "geometry" not in data:
        return ends
    line = finite(getattr(data["geometry"], "coords", data["geometry"]), "the geometry of a street", 2)[:, :2]
    far = np.hypot(*(line[0] - ends[0])) > np.hypot(*(line[-1] - ends[0]))
    return line[::-1] if far else line


def _beside(line: Floats, distance: float) -> Floats:
    """The line moved to its right."""
    along = np.gradient(line, axis=0)
    length = np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-300)
    return line + distance * np.stack([along[:, 1] / length, -along[:, 0] / length], axis=1)


def streets(graph: Any, walk: Any = None, positions: Any = None, ax: Any = None, *, degrees: bool = False) -> Any:
    """The streets of a networkx graph, and a walk along them, coloured from its start (dark) to its end (light). Each way
    lies to the right of the street, further out where it is gone again.

    Parameters
    ----------
    graph : networkx.Graph, DiGraph, MultiGraph or MultiDiGraph
        Streets follow the edge attribute "geometry" where it is there (points [points, 2], or a shapely line, as OSMnx
        has it), else they are straight.
    walk : swell.route.Round, optional
        As :func:`swell.route.postman` gives it.
    positions : dict of node to (x, y), optional
        Without it the attributes "pos", or "x" and "y", of the nodes.
    degrees : bool
        Positions are longitudes and latitudes.

    Raises
    ------
    ValueError
        A graph without nodes, or a node without a place.
    ImportError
        matplotlib is not here.

    Examples
    --------
    >>> import networkx, swell
    >>> town = networkx.cycle_graph(4)
    >>> places = {0: (0, 0), 1: (1, 0), 2: (1, 1), 3: (0, 1)}
    >>> ax = swell.plot.streets(town, swell.route.postman(town, runs=1), places)
    >>> len(ax.collections[1].get_segments())
    4
    """
    LineCollection = _matplotlib("collections").LineCollection
    places = _places(graph, positions)
    if not places:
        raise ValueError("the graph has no nodes")
    where = np.stack(list(places.values()))
    ax = _on_a_map(ax, where, degrees)
    edges = list(graph.edges(keys=True)) if graph.is_multigraph() else list(graph.edges())
    ax.add_collection(LineCollection([_line(graph, edge, places) for edge in edges], colors="0.8", linewidths=3, zorder=1))
    ax.plot(where[:, 0], where[:, 1], "o", color="0.6", ms=2, zorder=2)
    ax.margins(0.05)
    if walk is None:
        return ax
    apart, times, ways = 0.006 * float(np.ptp(where, axis=0).max()), dict[tuple[Any, ...], int](), []
    for edge in walk.edges:
        times[edge[:2]] = times.get(edge[:2], 0) + 1
        ways.append(_beside(_line(graph, edge, places), apart * times[edge[:2]]))
    lines = LineCollection(ways, cmap="viridis", linewidths=1.5, zorder=3)
    lines.set_array(np.arange(len(ways)))
    ax.add_collection(lines)
    middle = [(way[(len(way) - 1) // 2], way[(len(way) - 1) // 2 + 1]) for way in ways]
    for k, (a, b) in enumerate(middle):
        colour = lines.cmap(k / max(1, len(ways) - 1))
        ax.annotate("", a + 0.55 * (b - a), a + 0.45 * (b - a), zorder=3,
                    arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 0, "shrinkA": 0, "shrinkB": 0})
    ax.plot(*places[walk.nodes[0]], "o", color="C3", ms=7, zorder=4, label="start")
    if walk.nodes[-1] != walk.nodes[0]:
        ax.plot(*places[walk.nodes[-1]], "s", color="C3", ms=7, zorder=4, label="end")
    _legend_above(ax)
    ax.figure.colorbar(lines, ax=ax, label="step of the walk", shrink=0.8)
    return ax


def film(frames: Any, columns: int | None = None, interval: int = 60) -> Any:
    """Frames [frames, n, rows, columns] as a matplotlib animation; `.to_jshtml()` is a page.

    Raises
    ------
    ValueError
        No frames, or not four dimensions.
    ImportError
        matplotlib is not here.

    Examples
    --------
    >>> import numpy as np, swell
    >>> film = swell.plot.film(np.zeros((2, 4, 3, 3)))
    >>> "<img" in film.to_jshtml()
    True
    """
    pictures = real(frames, "frames", 4)
    if not pictures.size:
        raise ValueError(f"frames have shape {pictures.shape}; one frame or more, of one image or more, is needed")
    FuncAnimation = _matplotlib("animation").FuncAnimation
    ax = _axes(None, (5, 5))
    shown = ax.imshow(_tiles(pictures[0], columns), cmap="gray", vmin=-1, vmax=1)
    ax.set_axis_off()

    def draw(k: int) -> list[Any]:
        shown.set_data(_tiles(pictures[k], columns))
        return [shown]

    return FuncAnimation(ax.figure, draw, frames=len(pictures), interval=interval)
