"""Random bits from outside: devices, services, tapes, functions, in place of a seed (docs/entropy.md).

``source = swell.entropy.open("/dev/hwrng", tape="run.tape")``, then ``swell.run(..., entropy=source)``; the tape,
``swell.entropy.open("tape:run.tape")``, repeats the run to the last byte.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from . import _swell
from ._arrays import threads_of, whole_within
from ._swell import Source

__all__ = ["Source", "assess", "open"]


def open(
    source: str | os.PathLike[str] | Callable[[int], bytes | None],
    *,
    use: str | None = None,
    conditioning: str | None = None,
    tape: str | os.PathLike[str] | None = None,
    bits_per_symbol: int | None = None,
    symbol_per_byte: bool | None = None,
    min_entropy: float | None = None,
    alpha: float | None = None,
    device: str | None = None,
    most_wait: float | None = None,
    steps_per_key_log2: int | None = None,
) -> Source:
    """A source of random bits, opened, and past its start-up test.

    Parameters
    ----------
    source : str, or function
        "os", "tape:FILE", "tcp://HOST:PORT", "https://...", a description FILE.toml, or a file, pipe or device. A
        function is called with a number of bytes and returns at most so many (bytes, or an array of them); b"" where
        none have come yet, None at its end.
    use : "all" or "keys"
        Every draw of a run is a place in the source (the default); or its bytes are keys of the generator, a new one
        every 2^steps_per_key_log2 steps (1024).
    conditioning : "auto", "none" or "sha256"
        "auto": sha256 where less than eight bits a byte are claimed.
    tape : path
        Where the bytes of a live source are recorded.
    bits_per_symbol, symbol_per_byte : int, bool
        Symbols of 1, 2, 4 or 8 bits are packed, the highest bits first; or each byte holds one of 1 to 8 bits.
    min_entropy : float
        Claimed, bits per symbol; all bits of the symbol without it.
    alpha : float
        Chance of a false alarm of each health test; 2^-40 without it.
    device : str
        What the tape says of the device.
    most_wait : float
        Seconds; a run that would wait longer is refused. As long as it takes without it.

    Raises
    ------
    ValueError, OSError
        Where an option is not allowed; where the source cannot be opened, ends, or fails its start-up test.

    Examples
    --------
    >>> import swell
    >>> machine, rest = swell.Machine().group("x", 9), swell.Protocol().segment("rest", 1.0)
    >>> source = swell.entropy.open("os")
    >>> run = swell.run(machine, rest, dt=0.1, trajectories=4, entropy=source)
    >>> source.status()["failure"], run.states.shape
    ('', (4, 9))
    """
    options = {name: value for name, value in {
        "use": use, "conditioning": conditioning, "tape": None if tape is None else os.fspath(tape),
        "bits_per_symbol": bits_per_symbol, "symbol_per_byte": symbol_per_byte, "min_entropy": min_entropy,
        "alpha": alpha, "device": device, "most_wait": most_wait, "steps_per_key_log2": steps_per_key_log2,
    }.items() if value is not None}
    if isinstance(source, os.PathLike):
        source = os.fspath(source)
    if not isinstance(source, str) and not callable(source):
        raise TypeError(f"a source is a name or a function, not {type(source).__name__}")
    return _swell._open_source(source, options)


def assess(symbols: Any, bits_per_symbol: int = 8, *, threads: int | None = None) -> dict[str, Any]:
    """Min-entropy of a source by the ten estimators of NIST SP 800-90B, section 6.3 (docs/entropy_estimators.md).

    Parameters
    ----------
    symbols : array [samples] of whole numbers below 2^bits_per_symbol, or bytes
    bits_per_symbol : int
        1 to 8.
    threads : int
        All processors without it.

    Returns
    -------
    dict
        "H_assessed", bits per symbol: the smallest of "H_original" and bits_per_symbol times "H_bitstring"; "of_symbols"
        and "of_bits", each estimator's; "warnings".

    Raises
    ------
    ValueError
        Where a symbol has more bits, or there are fewer than 2.

    Examples
    --------
    >>> import numpy as np, swell
    >>> coin = np.random.default_rng(1).random(20000) < 0.75
    >>> found = swell.entropy.assess(coin, bits_per_symbol=1)
    >>> bool(0.2 < found["H_assessed"] < -np.log2(0.75))
    True
    """
    array = np.frombuffer(symbols, np.uint8) if isinstance(symbols, (bytes, bytearray)) else np.asarray(symbols)
    if array.ndim != 1:
        raise ValueError(f"symbols have shape {array.shape}; [samples] is needed")
    if array.dtype != np.bool_ and not np.issubdtype(array.dtype, np.integer):
        raise ValueError(f"symbols are {array.dtype}; whole numbers are needed")
    if array.size and (int(array.min()) < 0 or int(array.max()) > 255):
        raise ValueError("a symbol is below 0 or above 255; 0 to 2^bits_per_symbol - 1 are allowed")
    found: dict[str, Any] = _swell._assess(np.ascontiguousarray(array, np.uint8), whole_within(bits_per_symbol, "bits_per_symbol", 1, 8),
                                           threads_of(threads) or _swell.hardware_threads())
    return found
