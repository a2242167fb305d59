"""Arguments as the library takes them: arrays row-major and of one type, text, numbers. Wrong arrays are ValueError, other
wrong types TypeError, naming the argument."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Spins = npt.NDArray[np.int8]


def text(value: Any, name: str) -> str:
    """A str; TypeError where it is none."""
    if not isinstance(value, str):
        raise TypeError(f"{name} is {value!r:.80}; text is needed")
    return value


def number(value: Any, name: str) -> float:
    """One finite number."""
    array = finite(value, name)
    if array.ndim != 0:
        raise ValueError(f"{name} has shape {array.shape}; one number is needed")
    return float(array)


def count(value: Any, name: str) -> int:
    """One whole number, as far as the library counts."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} is {value!r:.80}; a whole number is needed")
    if abs(int(value)) >= 2**63:
        raise ValueError(f"{name} is {value}; numbers below 2^63 are allowed")
    return int(value)


def seed_of(value: Any, name: str = "seed") -> int:
    """A whole number that draws follow from."""
    if not isinstance(value, bool) and isinstance(value, (int, np.integer)) and not 0 <= int(value) < 2**64:
        raise ValueError(f"{name} {value} is not allowed; 0 to 2^64 - 1 is")
    return int(value) if isinstance(value, (int, np.integer)) and not isinstance(value, bool) else count(value, name)


def whole_within(value: Any, name: str, least: int, most: int) -> int:
    """A whole number from `least` to `most`."""
    if not least <= count(value, name) <= most:
        raise ValueError(f"{name} {value} is not allowed; {least} to {most} is")
    return int(value)


def threads_of(value: Any) -> int:
    """1 or more, or 0 for as many as there are, where none is said."""
    if value is None:
        return 0
    if count(value, "threads") < 1:
        raise ValueError(f"threads {value} is not allowed; 1 or more is")
    return int(value)


def require(value: Any, kind: type | tuple[type, ...], name: str, needed: str) -> Any:
    """The value, where it is of this kind; TypeError otherwise."""
    if not isinstance(value, kind):
        raise TypeError(f"{name} is {value!r:.80}; {needed} is needed")
    return value


def path_of(value: Any, name: str = "path") -> str:
    """A path as the library takes it, in UTF-8."""
    if not isinstance(value, (str, bytes, os.PathLike)):
        raise TypeError(f"{name} is {value!r:.80}; a path is needed")
    decoded = os.fsdecode(value)
    try:
        decoded.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name} {decoded!r} is not in UTF-8, as names of files have to be here") from None
    return decoded


def require_graph(graph: Any) -> None:
    """TypeError where this is not a graph of networkx."""
    if not (hasattr(graph, "edges") and hasattr(graph, "is_multigraph")):
        raise TypeError(f"a graph of networkx is needed, this is {type(graph).__name__}; networkx.from_numpy_array() and "
                        "networkx.from_scipy_sparse_array() make one of a matrix, networkx.from_edgelist() of pairs")


def edge_number(data: Any, attribute: str, u: Any, v: Any) -> float:
    """What the attribute of an edge says, 1 where it has none."""
    value = data.get(attribute, 1)
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{attribute!r} of edge {u!r} - {v!r} is {value!r:.80}; a finite number is needed")
    return number


def is_sparse(value: Any) -> bool:
    """Whether this is a SciPy-sparse matrix or array."""
    return hasattr(value, "tocoo") and hasattr(value, "nnz")


def real(value: Any, name: str, ndim: int | None = None) -> Floats:
    """An array of float64; ValueError where the numbers are not real or the dimensions not so many."""
    if is_sparse(value):
        value = value.toarray()
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} is no array of numbers: {error}") from None
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name} has numbers of type {array.dtype}; real numbers are allowed")
    if ndim is not None and array.ndim != ndim:
        raise ValueError(f"{name} has {array.ndim} dimensions, shape {array.shape}; {ndim} are needed")
    return np.ascontiguousarray(array, dtype=np.float64).reshape(array.shape)


def finite(value: Any, name: str, ndim: int | None = None) -> Floats:
    """The same, without NaN and infinities."""
    array = real(value, name, ndim)
    if array.ndim == 0 and not np.isfinite(array):
        raise ValueError(f"{name} is {array}; a finite number is needed")
    if not np.isfinite(array).all():
        bad = tuple(int(k) for k in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} holds {array[bad]} at {list(bad)}; finite numbers are needed")
    return array


def whole(value: Any, name: str, ndim: int | None = None) -> Ints:
    """An array of int64; ValueError where a number is not whole."""
    array = np.asarray(value)
    if array.size == 0:
        array = array.astype(np.int64)
    if array.dtype.kind not in "iu":
        raise ValueError(f"{name} has numbers of type {array.dtype}; whole numbers are allowed")
    if ndim is not None and array.ndim != ndim:
        raise ValueError(f"{name} has {array.ndim} dimensions, shape {array.shape}; {ndim} are needed")
    if array.dtype.kind == "u" and array.size and array.max() > np.iinfo(np.int64).max:
        raise ValueError(f"{name} holds {array.max()}; numbers below 2^63 are allowed")
    return np.ascontiguousarray(array, dtype=np.int64)


def spins(value: Any, name: str, ndim: int) -> Spins:
    """An array of +1 and -1 as int8."""
    array = real(value, name, ndim)
    if not (np.abs(array) == 1).all():
        raise ValueError(f"{name} holds other numbers than +1 and -1")
    return array.astype(np.int8)


def shape_of(value: Any) -> list[int]:
    """A number of units, or extents."""
    if isinstance(value, (str, bytes, bytearray)):  # whose characters are numbers
        raise ValueError(f"a shape of {value!r:.80} is not allowed; whole numbers are")
    try:
        extents = [value] if isinstance(value, (int, np.integer)) else list(value)
    except TypeError:
        raise ValueError(f"a shape of {value!r:.80} is not allowed; whole numbers are") from None
    for extent in extents:
        if isinstance(extent, bool) or not isinstance(extent, (int, np.integer)):
            raise ValueError(f"a shape of {value!r} is not allowed; whole numbers are")
        if not 0 <= extent < 2**62:
            raise ValueError(f"an extent of {extent} is not allowed; 1 or more is")
    return [int(extent) for extent in extents]


def of_shape(value: Any, name: str, shape: Sequence[int]) -> Floats:
    """One number, [], or one for each unit of a group, [units]: an array of the group's shape, or a flat one."""
    array = finite(value, name)
    size = math.prod(shape)
    if array.ndim == 0:
        return array.reshape(())
    if array.shape not in (tuple(shape), (size,)):
        flat = "" if len(shape) == 1 else f", or [{size}] in a row,"
        raise ValueError(f"{name} has shape {array.shape}; one number, or an array of shape {tuple(shape)}{flat} is needed")
    return np.ascontiguousarray(array.reshape(-1))


def pairs(matrix: Any, name: str, *, within: bool) -> tuple[Ints, Ints, Floats]:
    """Rows, columns and values of a SciPy-sparse matrix; within one group each pair once."""
    entries = matrix.tocoo()
    if entries.shape[0] * entries.shape[1] == 0:
        raise ValueError(f"{name} is empty")
    entries.sum_duplicates()
    if within:
        if entries.shape[0] != entries.shape[1] or (entries != entries.T).nnz > 0:
            raise ValueError(f"{name} couples a group with itself and is not symmetric; J_ij = J_ji is needed")
    row, column = np.asarray(entries.row, dtype=np.int64), np.asarray(entries.col, dtype=np.int64)
    values = finite(entries.data, name, 1)
    if within:
        if (row == column).any() and values[row == column].any():
            raise ValueError(f"{name} has a diagonal; a unit is not coupled to itself")
        upper = row < column
        row, column, values = row[upper], column[upper], values[upper]
    return np.ascontiguousarray(row), np.ascontiguousarray(column), np.ascontiguousarray(values)
