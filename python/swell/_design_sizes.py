"""Designs that come with the package, with groups of other sizes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ._arrays import shape_of

_TABLES = re.compile(r"(?m)^(?=\[)")
_NAME = re.compile(r'(?m)^name\s*=\s*"([^"]*)"')
_SHAPE = re.compile(r"(?m)^shape\s*=\s*\[[^\]]*\]")
_DESCRIPTION = re.compile(r'(?m)^description\s*=\s*"[^"]*"')


def resized(text: str, name: str, shapes: Mapping[str, Any]) -> str:
    """The text of a design with these shapes in its tables [[group]], which says so in its description. ValueError where
    it has no group of that name."""
    tables, there = _TABLES.split(text), []
    for k, table in enumerate(tables):
        found = _NAME.search(table) if table.startswith("[[group]]") else None
        if found is None:
            continue
        there.append(found[1])
        if found[1] in shapes:
            tables[k] = _SHAPE.sub(f"shape = {shape_of(shapes[found[1]])}", table, count=1)
    for group in shapes:
        if group not in there:
            raise ValueError(f"design '{name}' has no group '{group}'; it has {', '.join(there)}")
    sizes = ", ".join(f"{group} {' x '.join(str(n) for n in shape_of(shape))}" for group, shape in shapes.items())
    tables[0] = _DESCRIPTION.sub(f'description = "{name} with {sizes}"', tables[0], count=1)
    return "".join(tables)
