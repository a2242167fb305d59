"""Designs and trained machines, from files and to files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import numpy as np

from . import _swell
from ._arrays import Floats, path_of, real, text
from ._arrays import text as as_text
from ._design_sizes import resized
from ._html import table
from ._machines import Machine
from ._protocols import Protocol

__all__ = ["Design", "design", "read"]


class Design(_swell.Design):
    """A machine with its protocols and numerical settings, as a design file describes it; with numbers in its
    couplings where it was trained. Made by :func:`design` and :func:`read`.

    Examples
    --------
    >>> import swell
    >>> swell.design("phi4").protocols.keys()
    dict_keys(['relax'])
    """

    def __init__(self, made: _swell.Design) -> None:
        if isinstance(made, (str, os.PathLike)):
            raise TypeError(f"swell.Design takes no file or name: swell.read({os.fspath(made)!r}) reads a file, and "
                            "swell.design(name) gives a design that comes with the package")
        if not isinstance(made, _swell.Design):
            raise TypeError(f"a design is needed, as swell.design() and swell.read() give one; this is {type(made).__name__}")
        super().__init__(made)

    @classmethod
    def parse(cls, text: str, name: str = "text") -> Design:
        """A design from the text of a design file (TOML, docs/designs.md). `name` stands in errors where a file's would.

        Raises
        ------
        ValueError
            The design says something that is not allowed; the sentence names line and key.
        TypeError
            No text.

        Examples
        --------
        >>> import swell
        >>> text = '''
        ... name = "pair"
        ... kT = 0.5
        ... dt = 0.01
        ... [[group]]
        ... name = "x"
        ... shape = [2]
        ... J2 = 0.5
        ... [[protocol.rest]]
        ... duration = 1.0
        ... '''
        >>> swell.Design.parse(text)
        Design('pair': Machine(x: 2 units; kT = 0.5; sets: none); protocols: rest)
        """
        return cls(_swell._parse(as_text(text, "the text of a design"), as_text(name, "name")))

    @property
    def machine(self) -> Machine:
        """The machine, which shares the design's memory.

        Examples
        --------
        >>> import swell
        >>> swell.design("classifier").machine.groups
        {'hidden': (128,), 'output': (10,), 'input': (28, 28)}
        """
        return Machine._of(self._machine)

    @property
    def protocols(self) -> dict[str, Protocol]:
        """The protocols by name.

        Examples
        --------
        >>> import swell
        >>> swell.design("whitelam2026").protocols["noising"].duration
        5.0
        """
        return {name: Protocol._of(each) for name, each in self._protocols.items()}

    def protocol(self, name: str) -> Protocol:
        """A protocol by name; ValueError, naming those there are, where it is not there.

        Examples
        --------
        >>> import swell
        >>> swell.design("whitelam2026").protocol("generation").duration
        5.0
        """
        protocols = self.protocols
        if name not in protocols:
            raise ValueError(f"design '{self.name}' has no protocol '{name}'; it has {', '.join(protocols) or 'none'}")
        return protocols[name]

    def patterns(self, images: Any = None) -> Floats:
        """Drive patterns of every unit, [images, units] float64, as the design's groups say.

        Parameters
        ----------
        images : array of images, optional
            As of :meth:`swell.Generator.fit`. Without it, patterns that follow no image ("ones", "zeros"); no rows
            where there are none.

        Raises
        ------
        ValueError
            Images of another shape than the design's data group, or without a known scale.

        Examples
        --------
        >>> import swell
        >>> swell.design("whitelam2026").patterns([[[0.5] * 28] * 28]).shape
        (1, 1296)
        """
        return self._fixed_patterns() if images is None else self._patterns(image_array(images))

    def write(self, path: str | os.PathLike[str]) -> None:
        """Writes a machine file, which every command of the program takes (docs/machine_file.md). OSError where it
        cannot be written.

        Examples
        --------
        >>> import pathlib, tempfile, swell
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     swell.design("cosine").write(pathlib.Path(folder) / "cosine.safetensors")
        ...     swell.read(pathlib.Path(folder) / "cosine.safetensors").name
        'cosine'
        """
        self._write(path_of(path))

    def __reduce__(self) -> Any:
        return _unpickle, (self._bytes(),)

    def __repr__(self) -> str:
        return f"Design('{self.name}': {self.machine!r}; protocols: {', '.join(self.protocols) or 'none'})"

    def _repr_html_(self) -> str:
        rows = [("", self.description)] if self.description else []
        rows += [(name, " x ".join(str(n) for n in shape) + " units") for name, shape in self.machine.groups.items()]
        rows += [("step", f"{self.dt:g} / mu, {self.integrator}"), ("protocols", ", ".join(self.protocols))]
        return table(f"Design {self.name}", rows)


def _unpickle(data: bytes) -> Design:
    return Design(_swell._parse_trained(data, "pickle"))


def image_array(images: Any) -> Any:
    """Bytes [images, rows, columns] as they are; anything else as float64."""
    array = np.asarray(images)
    if array.dtype == np.uint8 and array.ndim == 3:
        return np.ascontiguousarray(array)
    return real(array, "images")


def design(name: str, /, **shapes: int | Sequence[int]) -> Design:
    """A design that comes with the package, by its name: "whitelam2026" (the published generative machine), "digits7x7",
    "classifier", "cosine", "guide2026", "phi4".

    Parameters
    ----------
    name : str
    **shapes : int or sequence of int
        Other numbers of units for groups, by their names: ``design("whitelam2026", visible=(16, 16), hidden=200)``. The
        rest stays as it is. :meth:`Design.parse` takes a design of any kind.

    Raises
    ------
    ValueError
        There is no design of that name, or it has no such group: the sentence names those there are.

    Examples
    --------
    >>> import swell
    >>> swell.design("whitelam2026").machine.units
    1296
    >>> swell.design("whitelam2026", visible=(16, 16), hidden=64).machine.groups
    {'visible': (16, 16), 'hidden': (64,)}
    """
    if text(name, "the name of a design") == "whitelam2026":
        made = Design(_swell._published())
        return Design.parse(resized(made.text, name, shapes), name) if shapes else made
    folder = files("swell") / "designs"
    names = sorted(each.name.removesuffix(".toml") for each in folder.iterdir() if each.name.endswith(".toml"))
    if name not in names:
        raise ValueError(f"there is no design '{name}'; there are {', '.join(names)}, and read() takes a file")
    written = (folder / f"{name}.toml").read_text()
    return Design.parse(resized(written, name, shapes) if shapes else written, name)


def read(path: str | os.PathLike[str]) -> Design:
    """A design file (.toml) or a machine file (safetensors), as the program writes them and :meth:`Machine.write`.

    Raises
    ------
    OSError
        The file cannot be read, or is not such a file.
    ValueError
        The design says something that is not allowed; the sentence names line and key.

    Examples
    --------
    >>> import pathlib, tempfile, swell
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "mine.toml"
    ...     _ = file.write_text(swell.design("phi4").text)
    ...     swell.read(file).name
    'phi4'
    """
    return Design(_swell._read(path_of(path)))
