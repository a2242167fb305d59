"""Pictures with matplotlib. Each function draws into `ax`, a new figure without it, and returns it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ._arrays import real

if TYPE_CHECKING:
    from ._machines import Machine
    from ._runs import Run

__all__ = ["convergence", "couplings", "course", "film", "grid", "heat", "landscape", "receptive_fields", "tour"]


def _axes(ax: Any, size: tuple[float, float] = (5, 4)) -> Any:
    if ax is not None:
        return ax
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise ImportError("swell.plot draws with matplotlib, which is not here: pip install matplotlib") from None
    return plt.subplots(figsize=size, layout="constrained")[1]


def _tiles(images: Any, columns: int | None, gap: int = 1) -> Any:
    pictures = real(images, "images", 3)
    count, rows, width = pictures.shape
    across = columns or int(np.ceil(np.sqrt(count)))
    down = -(-count // across)
    sheet = np.full((down * (rows + gap) - gap, across * (width + gap) - gap), np.nan)
    for k, picture in enumerate(pictures):
        r, c = divmod(k, across)
        sheet[r * (rows + gap):r * (rows + gap) + rows, c * (width + gap):c * (width + gap) + width] = picture
    return sheet


def grid(images: Any, columns: int | None = None, ax: Any = None) -> Any:
    """Images [n, rows, columns] side by side, -1 black to 1 white."""
    ax = _axes(ax, (6, 6))
    ax.imshow(_tiles(images, columns), cmap="gray", vmin=-1, vmax=1, interpolation="nearest")
    ax.set_axis_off()
    return ax


def couplings(machine: Machine, name: str, ax: Any = None) -> Any:
    """J of a coupling set as a map, E0; blue negative, red positive. Lines separate groups."""
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
    J < 0 pulls units to one sign: it is drawn light."""
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
    """Histogram of the heat of trajectories, [n], with its mean and standard error."""
    values = real(values, "heat").ravel()
    ax = _axes(ax)
    ax.hist(values, bins=bins, color="0.7")
    mean = values.mean()
    error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else 0.0
    ax.axvspan(mean - error, mean + error, color="C3", alpha=0.4, lw=0)
    ax.axvline(mean, color="C3", label=f"{mean:.4g} +- {error:.2g} {unit}")
    ax.set(xlabel=f"heat / {unit}", ylabel="trajectories")
    ax.legend(frameon=False)
    return ax


def course(run: Run, ax: Any = None) -> Any:
    """Mean of each group in time with a band of its spread (root of the variance); needs course= in the run."""
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
    """On-site energy J2 x^2 + J3 x^3 + J4 x^4 of a unit, E0; kT as a bar above the lowest point."""
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
    """Errors against the number of samples, both [n], with the line 1 / sqrt(samples) through the last."""
    n, e = real(samples, "samples", 1), real(errors, "errors", 1)
    ax = _axes(ax)
    ax.loglog(n, e, "o-")
    ax.loglog(n, e[-1] * np.sqrt(n[-1] / n), "--", color="0.5", label="1 / sqrt(samples)")
    ax.set(xlabel="samples", ylabel="error")
    ax.legend(frameon=False)
    return ax


def tour(points: Any, order: Any, ax: Any = None) -> Any:
    """A closed tour through points [cities, 2]."""
    where = real(points, "points", 2)[np.append(order, order[0])]
    ax = _axes(ax)
    ax.plot(where[:, 0], where[:, 1], "-o", ms=3)
    ax.set_aspect("equal")
    return ax


def film(frames: Any, columns: int | None = None, interval: int = 60) -> Any:
    """Frames [frames, n, rows, columns] as a matplotlib animation; `.to_jshtml()` is a page."""
    from matplotlib.animation import FuncAnimation

    pictures = real(frames, "frames", 4)
    ax = _axes(None, (5, 5))
    shown = ax.imshow(_tiles(pictures[0], columns), cmap="gray", vmin=-1, vmax=1)
    ax.set_axis_off()

    def draw(k: int) -> list[Any]:
        shown.set_data(_tiles(pictures[k], columns))
        return [shown]

    return FuncAnimation(ax.figure, draw, frames=len(pictures), interval=interval)
