"""Machines as the text of a design file (docs/designs.md)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import _swell
from ._arrays import number, text

if TYPE_CHECKING:
    from ._machines import Machine
    from ._protocols import Protocol


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # a string of TOML too


def _number(value: float) -> str:
    text = repr(float(value))
    return text if "." in text or "e" in text or "n" in text else text + ".0"


def _knots(schedule: _swell.Schedule) -> str:
    if schedule.geometric:
        raise ValueError("a design file has no geometric schedules; sample it to knots, or pickle the protocol")
    return "[" + ", ".join(f"[{_number(at)}, {_number(value)}]" for at, value in schedule.knots) + "]"


def _group_lines(machine: Machine, patterns: Mapping[str, str]) -> list[str]:
    lines, first = [], 0
    for name, shape in machine.groups.items():
        units = slice(first, first + int(np.prod(shape)))
        first = units.stop
        lines += ["[[group]]", f"name = {_text(name)}", f"shape = {list(shape)}"]
        for key in ("J2", "J3", "J4", "mobility"):
            lines.append(f"{key} = {_number(getattr(machine, key)[units][0])}")  # of others a tensor tells
        if name in patterns:
            lines.append(f"pattern = {_text(text(patterns[name], f'pattern of {name!r}'))}")
        lines.append("")
    return lines


def _set_lines(machine: Machine) -> list[str]:
    lines, names = [], list(machine.groups)
    for name, _, biased, blocks, _ in machine._state()[-1]:
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


def _set(couplings: str | int, machine: Machine, segment: str) -> str:
    if isinstance(couplings, str):
        return couplings
    if not 0 <= couplings < len(machine.sets):
        raise ValueError(f"segment '{segment}': there is no coupling set {couplings}; the machine has {len(machine.sets)}, "
                         "numbered from 0")
    return str(machine.sets[couplings])


def _segment_lines(protocol: Protocol, segment: _swell.Segment, machine: Machine) -> list[str]:
    lines = [f"[[protocol.{_text(protocol.name)}]]", f"name = {_text(segment.name)}",
             f"duration = {_number(segment.duration)}"]
    if segment.couplings is not None:
        lines.append(f"couplings = {_text(_set(segment.couplings, machine, segment.name))}")
    drive = [f"{_text(group)} = {_knots(schedule)}" for group, schedule in segment.drive if len(schedule.knots)]
    if drive:
        lines.append("drive = { " + ", ".join(drive) + " }")
    if len(segment.kT.knots):
        lines.append(f"kT = {_knots(segment.kT)}")
    if segment.clamped:
        lines.append(f"clamp = [{', '.join(_text(group) for group in segment.clamped)}]")
    return [*lines, ""]


def design_text(machine: Machine, protocols: Sequence[Protocol], dt: float, name: str, integrator: str | None,
                patterns: Mapping[str, str] | None) -> str:
    """TOML. ValueError where a design cannot hold the machine, or the protocols are not what it can say; whether they
    fit is seen by the library, which reads the text before it writes the file."""
    if isinstance(protocols, (str, _swell.Protocol)) or not isinstance(protocols, Iterable):
        raise ValueError(f"protocols= is {protocols!r:.80}; a list of swell.Protocol is needed")
    protocols = list(protocols)
    names = []
    for protocol in protocols:
        if not isinstance(protocol, _swell.Protocol):
            raise ValueError(f"protocols= holds {protocol!r:.80}; swell.Protocol is needed")
        if not protocol.name or protocol.name in names:
            raise ValueError(f"a protocol is called '{protocol.name}'; each needs a name of its own to be read by")
        if not protocol.segments:
            raise ValueError(f"protocol '{protocol.name}' has no segments")
        names.append(protocol.name)
    unknown = set(patterns or {}) - set(machine.groups)
    if unknown:
        raise ValueError(f"patterns name group '{sorted(unknown)[0]}'; the machine has {', '.join(machine.groups)}")
    dt = number(dt, "dt")
    if dt <= 0:
        raise ValueError(f"dt {dt:g} is not allowed; a number above 0 is")
    lines = [f"name = {_text(text(name, 'name'))}", f"kT = {_number(machine.kT)}", f"dt = {_number(dt)}"]
    if integrator is not None:
        lines.append(f"integrator = {_text(text(integrator, 'integrator'))}")
    lines += ["", *_group_lines(machine, patterns or {}), *_set_lines(machine)]
    for protocol in protocols:
        for segment in protocol.segments:
            lines += _segment_lines(protocol, segment, machine)
    return "\n".join(lines) + "\n"
