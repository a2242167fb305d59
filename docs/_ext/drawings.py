"""The drawings of the concept pages: `{drawing} name` puts one into its page, as SVG in the colours of the page.

Every curve that moves is a run of Swell itself, made in the build.
"""
import functools

import numpy as np
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

import swell

INK, FAINT, BLUE, RED = "currentColor", "var(--color-foreground-muted)", "var(--color-brand-primary)", "#d1603d"


def number(value):
    return f"{value:.1f}".rstrip("0").rstrip(".")


def line(points, colour=INK, width=1.5, dash="", opacity=1.0, fill="none"):
    path = " ".join(f"{'M' if k == 0 else 'L'}{number(x)} {number(y)}" for k, (x, y) in enumerate(points))
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (f'<path d="{path}" fill="{fill}" stroke="{colour}" stroke-width="{width}" stroke-opacity="{opacity}"{dashed} '
            f'stroke-linejoin="round"/>')


def band(above, below, colour, opacity=0.18):
    path = " ".join(f"{'M' if k == 0 else 'L'}{number(x)} {number(y)}" for k, (x, y) in enumerate([*above, *below[::-1]]))
    return f'<path d="{path} Z" fill="{colour}" fill-opacity="{opacity}"/>'


def dot(x, y, radius=4.0, colour=INK, stroke="none"):
    return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" fill="{colour}" stroke="{stroke}" stroke-width="1.5"/>'


def words(x, y, text, anchor="middle", size=13, colour=INK, italic=False):
    style = ' font-style="italic"' if italic else ""
    return (f'<text x="{number(x)}" y="{number(y)}" text-anchor="{anchor}" font-size="{size}" fill="{colour}"{style}>'
            f"{text}</text>")


def arrow(x0, y0, x1, y1, colour=INK, width=2.0):
    dx, dy = x1 - x0, y1 - y0
    length = (dx * dx + dy * dy) ** 0.5
    ux, uy = dx / length, dy / length
    tip = [(x1 - 9 * ux - 4.5 * uy, y1 - 9 * uy + 4.5 * ux), (x1, y1), (x1 - 9 * ux + 4.5 * uy, y1 - 9 * uy - 4.5 * ux)]
    head = " ".join(f"{number(x)},{number(y)}" for x, y in tip)
    return line([(x0, y0), (x1 - 6 * ux, y1 - 6 * uy)], colour, width) + f'<polygon points="{head}" fill="{colour}"/>'


class Frame:
    """Axes from (left, top) to (right, bottom) of the drawing, for x and y of these ranges."""

    def __init__(self, left, top, right, bottom, xs, ys):
        self.box, self.xs, self.ys = (left, top, right, bottom), xs, ys

    def at(self, x, y):
        left, top, right, bottom = self.box
        return (left + (right - left) * (x - self.xs[0]) / (self.xs[1] - self.xs[0]),
                bottom - (bottom - top) * (y - self.ys[0]) / (self.ys[1] - self.ys[0]))

    def curve(self, x, y, *args, **more):
        return line([self.at(a, b) for a, b in zip(x, y)], *args, **more)

    def axes(self, xlabel, ylabel):
        left, top, right, bottom = self.box
        return (line([(left, top), (left, bottom), (right, bottom)], FAINT, 1)
                + words((left + right) / 2, bottom + 18, xlabel, colour=FAINT)
                + words(left + 6, top + 4, ylabel, "start", colour=FAINT))


def picture(width, height, parts, title):
    return (f'<svg viewBox="0 0 {width} {height}" style="max-width: {width}px" role="img" aria-label="{title}" '
            f'font-family="inherit">{"".join(parts)}</svg>')


@functools.cache
def double_well():
    """One bistable unit that jumps between its wells: times and x of one trajectory."""
    machine = swell.Machine(kT=0.4).group("x", 1, J2=-2.0, J4=1.0)
    run = swell.run(machine, swell.Protocol().segment("rest", 40.0), dt=0.01, seed=4, snapshots=0.1)
    return run.times, run.snapshots.array[:, 0, 0]


def machine():
    parts, units = [], {"a": (52, 60), "b": (150, 34), "c": (214, 104), "d": (128, 132), "e": (44, 166), "f": (196, 190)}
    for a, b, J in [("a", "b", -1), ("a", "d", 1), ("b", "c", -1), ("b", "d", -1), ("c", "d", 1), ("d", "e", -1), ("d", "f", 1),
                    ("c", "f", -1), ("a", "e", 1)]:
        parts.append(line([units[a], units[b]], BLUE if J < 0 else RED, 2.5, opacity=0.8))
    times, x = double_well()
    for k, (name, (cx, cy)) in enumerate(units.items()):
        parts.append(dot(cx, cy, 19, "var(--color-background-primary)", INK))
        piece = x[20 + 40 * k:60 + 40 * k:2]
        parts.append(line([(cx - 13 + 26 * t / 19, cy - 6 * value) for t, value in enumerate(piece)], INK, 1))
    parts += [words(128, 230, "units and their couplings")]
    frame = Frame(285, 38, 440, 190, (-1.8, 1.8), (-1.2, 2.2))
    at = np.linspace(-1.72, 1.72, 80)
    V = swell.Machine().group("x", 1, J2=-2.0, J4=1.0).energy(at[:, None])
    parts += [frame.curve(at, V, INK, 2), dot(*frame.at(-1, -0.86), 6, RED),
              arrow(*frame.at(-0.75, -0.45), *frame.at(0.0, 0.35), RED),
              words(362, 230, "energy of one unit: heat moves it")]
    frame = Frame(490, 38, 700, 190, (0, 40), (-1.9, 1.9))
    parts += [frame.axes("time", "x"), frame.curve(times, x, BLUE, 1.2), words(595, 230, "its state in time")]
    return picture(720, 240, parts, "A network of six units; the energy of one of them, with two wells; its state in time, which "
                   "jumps between two values")


def units():
    parts = []
    for k, (name, J2, J4, kT) in enumerate([("harmonic: J2 > 0", 1.0, 0.0, 0.4), ("quartic: J4 > 0", 0.0, 1.0, 0.4),
                                            ("bistable: J2 &lt; 0, J4 > 0", -2.0, 1.0, 0.4)]):
        frame = Frame(20 + 235 * k, 30, 220 + 235 * k, 170, (-1.7, 1.7), (-1.2, 2.0))
        at = np.linspace(-1.65, 1.65, 81)
        V = swell.Machine().group("x", 1, J2=J2, J4=J4).energy(at[:, None])
        keep = V < 2.1
        rest = swell.Protocol().segment("rest", 30.0)
        machine = swell.Machine(kT=kT).group("x", 1, J2=J2, J4=J4)
        x = swell.run(machine, rest, trajectories=4000, dt=0.01, seed=3).states.array[:, 0]
        counts, edges = np.histogram(x, 34, (-1.7, 1.7))
        left, _, _, bottom = frame.box
        for count, a, b in zip(counts, edges, edges[1:]):
            x0, x1, high = frame.at(a, 0)[0], frame.at(b, 0)[0], 70 * count / counts.max()
            parts.append(f'<rect x="{number(x0 + 0.5)}" y="{number(bottom - high)}" width="{number(x1 - x0 - 1)}" '
                         f'height="{number(high)}" fill="{BLUE}" fill-opacity="0.35"/>')
        parts += [frame.curve(at[keep], V[keep], INK, 2), line([(left, bottom), (left + 200, bottom)], FAINT, 1),
                  words(left + 100, 194, name)]
    return picture(720, 205, parts, "On-site energies of a harmonic, a quartic and a bistable unit, with histograms of their states")


def heat_and_work():
    frame = Frame(60, 24, 660, 250, (-2.2, 2.6), (-0.2, 5.4))
    at = np.linspace(-2.2, 2.6, 100)
    energy = swell.Machine().group("x", 1, J2=0.5)
    old = energy.energy(at[:, None]) + 0.6
    new = old + 1.1 - 1.35 * at
    x0, x1 = -0.6, 0.55

    def value(x, control):
        return 0.5 * x * x + 0.6 + (1.1 - 1.35 * x if control else 0.0)

    before, lifted, after = (frame.at(x0, value(x0, 0)), frame.at(x0, value(x0, 1)), frame.at(x1, value(x1, 1)))
    parts = [frame.axes("state x", "energy V"),
             frame.curve(at[old < 3.2], old[old < 3.2], FAINT, 2), frame.curve(at[(new < 5) & (at < 2.5)], new[(new < 5) & (at < 2.5)], INK, 2),
             dot(*before, 6, FAINT), arrow(before[0], before[1] - 8, lifted[0], lifted[1] + 8, RED, 2.5),
             dot(*lifted, 6, INK), arrow(lifted[0] + 7, lifted[1] + 6, after[0] - 7, after[1] - 5, BLUE, 2.5), dot(*after, 6, INK),
             words(before[0] - 12, before[1] + 24, "work W: the control changes at fixed x", "start", colour=RED),
             words(lifted[0] + 24, lifted[1] + 2, "heat Q: x moves at fixed control", "start", colour=BLUE),
             words(*frame.at(1.5, 3.4), "old control", "start", colour=FAINT),
             words(*frame.at(2.56, 0.55), "new control", "end")]
    return picture(720, 285, parts, "Work lifts the energy at fixed state; heat is the fall of energy at fixed control")


@functools.cache
def relaxation():
    machine = swell.Machine(kT=0.2).group("x", 1, J2=-1.0, J4=0.5)
    machine.couplings("on").bias("x", -0.15)
    protocol = swell.Protocol().segment("answer", 12.0, "on")
    return swell.run(machine, protocol, trajectories=3000, dt=0.02, seed=2, snapshots=0.2, snapshot_trajectories=12, course=0.2)


def reading():
    run = relaxation()
    frame = Frame(60, 24, 680, 230, (0, 12), (-2.0, 2.0))
    times, spread = run.course.times, np.sqrt(run.course.variance.value[:, 0])
    mean = run.course.mean.value[:, 0]
    parts = [frame.axes("time since the start at x = 0", "x"),
             band([frame.at(t, m + s) for t, m, s in zip(times, mean, spread)],
                  [frame.at(t, m - s) for t, m, s in zip(times, mean, spread)], BLUE)]
    for k in range(12):
        parts.append(frame.curve(run.times, run.snapshots.array[:, k, 0], FAINT, 0.8, opacity=0.6))
    parts.append(frame.curve(times, mean, BLUE, 2.5))
    for t, text in ((1.0, "read early: on the way"), (8.0, "read later: nearer equilibrium")):
        parts += [line([frame.at(t, -1.9), frame.at(t, 1.75)], RED, 1.5, "5 4"), words(*frame.at(t + 0.1, 1.78), text, "start", colour=RED)]
    return picture(720, 265, parts, "Twelve relaxations of a bistable unit from x = 0, with the mean and spread of 3000")


def error_bars():
    machine = swell.Machine(kT=1.0).group("x", 1, J2=0.5)
    settle = swell.Protocol().segment("settle", 8.0)
    x = swell.run(machine, settle, trajectories=4096, dt=0.1, integrator="leimkuhler-matthews", seed=5).states.array[:, 0]
    frame = Frame(60, 24, 680, 230, (3.5, 12.6), (0.0, 2.4))
    parts = [frame.axes("trajectories", "mean of x^2 (exact: 1)"), line([frame.at(3.5, 1), frame.at(12.6, 1)], INK, 1, "5 4")]
    for power in range(4, 13):
        part = x[:2**power] ** 2
        mean, error = part.mean(), part.std(ddof=1) / len(part) ** 0.5
        low, high, middle = frame.at(power, mean - error), frame.at(power, mean + error), frame.at(power, mean)
        parts += [line([low, high], BLUE, 2), line([(low[0] - 5, low[1]), (low[0] + 5, low[1])], BLUE, 2),
                  line([(high[0] - 5, high[1]), (high[0] + 5, high[1])], BLUE, 2), dot(*middle, 4, BLUE),
                  words(middle[0], 226, str(2**power), size=11, colour=FAINT)]
    return picture(720, 265, parts, "Means with error bars of 16 to 4096 trajectories, which close in on the exact value")


DRAWINGS = {each.__name__: each for each in (machine, units, heat_and_work, reading, error_bars)}


class Drawing(SphinxDirective):
    required_arguments = 1
    has_content = True
    option_spec = {"name": directives.unchanged}

    def run(self):
        self.env.note_dependency(__file__)
        svg = DRAWINGS[self.arguments[0]]()
        figure = nodes.container(classes=["drawing"])
        figure += nodes.raw("", svg, format="html")
        if self.content:
            caption = nodes.container(classes=["caption"])
            self.state.nested_parse(self.content, self.content_offset, caption)
            figure += caption
        return [figure]


def setup(app):
    app.add_directive("drawing", Drawing)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
