"""Progress of long work: a callback, or a bar where one is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, Union

Progress = Union[bool, None, Callable[[float, float], Any]]


class _Bar(Protocol):
    def close(self) -> None: ...


class Told:
    """Passes on how far the work is. Use as a context, so that a bar ends with its line."""

    def __init__(self, progress: Progress) -> None:
        if progress is not None and not isinstance(progress, bool) and not callable(progress):
            raise TypeError(f"progress is {progress!r:.80}; True for a bar, or a function of done and total is needed")
        self._progress = progress
        self._bar: Any = None
        if progress is True:
            try:
                from tqdm.auto import tqdm
            except ImportError:
                raise ImportError("progress=True draws a bar with tqdm, which is not here: pip install tqdm") from None
            self._bar = tqdm(total=1.0, bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}")

    def __enter__(self) -> Callable[[str, float, float], Any] | None:
        if self._bar is not None:
            return self._draw
        if callable(self._progress):
            call = self._progress
            return lambda _stage, done, total: call(done, total)
        return None

    def _draw(self, stage: str, done: float, total: float) -> None:
        self._bar.set_description(stage, refresh=False)
        self._bar.n = min(1.0, done / total) if total > 0 else 0.0
        self._bar.refresh()

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()
