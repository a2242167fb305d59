"""Machines as the text of a design file (docs/designs.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _swell

if TYPE_CHECKING:
    from ._machines import Machine
    from ._protocols import Protocol


def _text(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _number(value: float) -> str:
    text = repr(float(value))
    return text if "." in text or "e" in text or "n" in text else text + ".0"


def _knots(schedule: _swell.Schedule) -> str:
    if schedule.geometric:
        raise ValueError("a design file has no geometric schedules; sample it to knots, or pickle the protocol")
    return "[" + ", ".join(f"[{_number(at)}, {_number(value)}]" for at, value in schedule.knots) + "]"


def _one(values: Any, name: str, group: str) -> float:
    if not (values == values[0]).all():
        raise ValueError(f"group '{group}' has units with different {name}, which a design file cannot hold; pickle can")
    return float(values[0])


def _group_lines(machine: Machine, patterns: Mapping[str, str]) -> list[str]:
    lines, first = [], 0
    for name, shape in machine.groups.items():
        units = slice(first, first + int(np.prod(shape)))
        first = units.stop
        lines += ["[[group]]", f"name = {_text(name)}", f"shape = {list(shape)}"]
        for key in ("J2", "J3", "J4", "mobility"):
            lines.append(f"{key} = {_number(_one(getattr(machine, key)[units], key, name))}")
        if name in patterns:
            lines.append(f"pattern = {_text(patterns[name])}")
        lines.append("")
    return lines


def _set_lines(machine: Machine) -> list[str]:
    lines, names = [], list(machine.groups)
    for name, _, biased, blocks, quadratic in machine._state()[-1]:
        if len(quadratic):
            raise ValueError(f"coupling set '{name}' has J2 of its own, which a design file cannot hold; pickle can")
        for block in blocks:
            lines += ["[[coupling]]", f"set = {_text(name)}",
                      f"between = [{_text(names[block[0]])}, {_text(names[block[1]])}]"]
            if len(block) == 5:  # which units are coupled stands in the tensors
                lines.append('file = "in-this-file"')
            lines.append("")
        for group, has in zip(names, biased):
            if has:
                lines += ["[[bias]]", f"set = {_text(name)}", f"group = {_text(group)}", ""]
    return lines


def _segment_lines(protocol: Protocol, segment: _swell.Segment) -> list[str]:
    lines = [f"[[protocol.{_text(protocol.name)}]]", f"name = {_text(segment.name)}",
             f"duration = {_number(segment.duration)}"]
    if segment.couplings is not None:
        lines.append(f"couplings = {_text(str(segment.couplings))}")
    if segment.drive:
        lines.append("drive = { " + ", ".join(f"{_text(g)} = {_knots(s)}" for g, s in segment.drive) + " }")
    if len(segment.kT.knots):
        lines.append(f"kT = {_knots(segment.kT)}")
    if segment.clamped:
        lines.append(f"clamp = [{', '.join(_text(group) for group in segment.clamped)}]")
    return [*lines, ""]


def design_text(machine: Machine, protocols: Sequence[Protocol], dt: float, name: str, integrator: str | None,
                patterns: Mapping[str, str] | None) -> str:
    """TOML. ValueError where a design cannot hold the machine."""
    lines = [f"name = {_text(name)}", f"kT = {_number(machine.kT)}", f"dt = {_number(dt)}"]
    if integrator is not None:
        lines.append(f"integrator = {_text(integrator)}")
    lines += ["", *_group_lines(machine, patterns or {}), *_set_lines(machine)]
    for protocol in protocols:
        for segment in protocol.segments:
            lines += _segment_lines(protocol, segment)
    return "\n".join(lines) + "\n"
