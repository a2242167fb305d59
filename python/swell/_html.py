"""Tables for notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any


def took(info: Mapping[str, Any]) -> str:
    """How long a search took, for people."""
    return f"{info.get('seconds', 0.0):.2g} s"


def table(title: str, rows: Iterable[tuple[str, str]]) -> str:
    """A title and rows of two cells, as HTML."""
    lines = "".join(f"<tr><th style='text-align:left'>{escape(a)}</th><td style='text-align:left'>{escape(b)}</td></tr>"
                    for a, b in rows)
    return f"<div><b>{escape(title)}</b><table>{lines}</table></div>"
