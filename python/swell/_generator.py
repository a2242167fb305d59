"""Machines that make images from thermal noise."""

from __future__ import annotations

import os
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from . import _swell
from ._arrays import Floats, count, whole
from ._designs import Design, image_array
from ._designs import design as design_named
from ._html import table
from ._errors import Interrupted, raise_if_stopped, raise_trouble, warn_of_trouble
from ._progress import Progress, Told
from ._ranks import shared

__all__ = ["Generator", "Samples"]


class Samples(NamedTuple):
    """Images from noise, and what they cost.

    Examples
    --------
    >>> import swell
    >>> swell.Samples._fields
    ('images', 'heat_kT', 'quality', 'film', 'film_times', 'bill', 'info', 'labels')
    """

    images: npt.NDArray[np.float32]
    """[n, rows, columns], -1 to 1 as learned; the machine may overshoot."""
    heat_kT: Floats
    """[n] heat of the segments with couplings, kT."""
    quality: dict[str, Any] | None
    """How they compare with the images that were learned: cosine, nearest [n], class_counts, ..."""
    film: npt.NDArray[np.float32]
    """[frames, film_samples, rows, columns]; no frames without film_samples."""
    film_times: Floats
    """[frames] 1/mu."""
    bill: dict[str, Any]
    """What an image costs; see the report of a command."""
    info: dict[str, Any]
    """wall_s, interrupted."""
    labels: npt.NDArray[np.int64] | None = None
    """[n] the class asked for, of machines with label units."""

    def _heat(self) -> str:
        n = len(self.heat_kT)
        error = f" +- {self.heat_kT.std(ddof=1) / n**0.5:.2g}" if n > 1 else ""
        return f"{self.heat_kT.mean():.4g}{error} kT" if n else "none"

    def __repr__(self) -> str:
        size = " x ".join(str(n) for n in self.images.shape[1:])
        return f"Samples({len(self.images)} images of {size}; heat of one {self._heat()})"

    def _repr_html_(self) -> str:
        size = " x ".join(str(n) for n in self.images.shape[1:])
        return table("Samples", [("images", f"{len(self.images)} of {size}"), ("heat of one", self._heat())]
                     + [(name, f"{self.info[name]:.3g} s") for name in ("wall_s",) if name in self.info])


class Generator:
    """A machine that learns images and makes new ones from thermal noise (S. Whitelam, Phys. Rev. Lett. 136, 037101
    (2026)).

    Parameters
    ----------
    design : Design, or str, optional
        With protocols "noising" and "generation"; a name of :func:`swell.design`. Without it "whitelam2026", the published
        machine, which :meth:`fit` gives as many visible units as the images have pixels.

    Attributes
    ----------
    trained : Design
        After :meth:`fit`.
    curve : array
        Relative residual per iteration (exact), or loss per step and unit, per update (gradient).

    Examples
    --------
    >>> import swell
    >>> swell.Generator("whitelam2026")
    Generator('whitelam2026', not trained)
    """

    def __init__(self, design: Design | str | None = None) -> None:
        if not isinstance(design, (str, Design, type(None))):
            raise TypeError(f"a Design or the name of one is needed, this is {type(design).__name__}")
        self._fits_images = design is None
        self.design = design if isinstance(design, Design) else design_named("whitelam2026" if design is None else design)
        self.trained: Design | None = self.design if self.design.training else None
        self.curve: Floats = np.zeros(0)
        self.converged = True

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Generator:
        """A trained machine from a file of `swell train` or :meth:`write`.

        Raises
        ------
        OSError
            The file cannot be read, or is no machine file.
        ValueError
            Its design says something that is not allowed.

        Examples
        --------
        >>> import pathlib, tempfile, swell
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     swell.Generator().fit(tolerance=0.05).write(pathlib.Path(folder) / "digits.safetensors")
        ...     swell.Generator.read(pathlib.Path(folder) / "digits.safetensors")
        Generator('whitelam2026', trained)
        """
        from ._designs import read

        return cls(read(path))

    def write(self, path: str | os.PathLike[str]) -> None:
        """Writes the trained machine as a file, which `swell generate` takes.

        Raises
        ------
        ValueError
            The machine is not trained.
        OSError
            The file cannot be written.

        Examples
        --------
        >>> import pathlib, tempfile, swell
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     swell.Generator().fit(tolerance=0.05).write(pathlib.Path(folder) / "digits.safetensors")
        ...     swell.Generator.read(pathlib.Path(folder) / "digits.safetensors")
        Generator('whitelam2026', trained)
        """
        self._require().write(path)

    def _require(self) -> Design:
        if self.trained is None:
            raise ValueError("this machine is not trained; call fit(images) first")
        return self.trained

    def fit(self, images: Any = None, labels: Any = None, *, progress: Progress = None, **options: Any) -> Generator:
        """Learns the couplings that make the reverse of noising as likely as possible, for these images.

        Parameters
        ----------
        images : array [images, rows, columns] or [images, pixels], optional
            Of the shape of the design's data group; of any shape where no design was named. Bytes, or numbers from 0 to 1, 255 or 65535 (the least of these that
            no number exceeds is white). Without it the three embedded digits.
        labels : array [images] of int, optional
            For the judgement of samples; the classes that a machine with label units learns to make.
        method : "exact", "gradient" or "score"
            Without it "score" for a machine of stages, else "exact".
        tolerance : float
            exact: relative residual to stop at.
        robust : str
            exact: the text of a specification of chips (TOML, see :func:`swell.hardware.perturb`), to train for the mean
            loss over all of them: their mismatch and open couplings.
        updates, rate : int, float
            gradient and score.
        rows, precision : int, "f32" or "bf16"
            score: examples of each stage in an update, a multiple of 32; of the sides of products.
        seed, threads : int
        comm : mpi4py.MPI.Intracomm
            exact, score: processes that share the work. All call this alike, and each has the whole result.
        progress : True, or callable(done, total)

        Raises
        ------
        ValueError
            Images of another shape or without a known scale.

        Examples
        --------
        >>> import swell
        >>> generator = swell.Generator().fit(tolerance=0.05)  # the three embedded digits, roughly
        >>> bool(generator.curve[-1] < 0.05)
        True
        >>> bars = [[[1] * 3, [0] * 3, [0] * 3], [[1, 0, 0]] * 3]  # images of another size
        >>> swell.Generator().fit(bars, tolerance=0.05).sample(4).images.shape
        (4, 3, 3)
        """
        if images is not None:
            images = image_array(images)
            if self._fits_images and images.ndim == 3 and images.size:
                self._fit_size(images.shape[1:])
        classes = [] if labels is None else [int(label) for label in whole(labels, "labels", 1)]
        given = shared(options)
        with Told(progress) as tell:
            made, curve, self.converged, _, pending = _swell._train(
                self.design, images, classes, given, tell)
        self.trained, self.curve = Design(made), curve
        raise_if_stopped(pending, self)
        return self

    def _fit_size(self, shape: tuple[int, ...]) -> None:
        if shape != self.design.machine.groups["visible"]:
            self.design = design_named("whitelam2026", visible=shape)

    def sample(self, n: int = 100, *, progress: Progress = None, **options: Any) -> Samples:
        """Makes n images from noise.

        Parameters
        ----------
        n : int
        labels : list of int
            Classes to make, image after image in turn; without it all in turn. Of machines with label units.
        seed, threads, tile : int
        dt : float
            Step, 1/mu; without it the design's. What the step does to the images is so found out.
        comm : mpi4py.MPI.Intracomm
            Processes that share the images. All call this alike, and each has all of them.
        entropy : Source
            Random bits from outside in place of a seed, from swell.entropy.open().
        precision : "f32", "bf16x3" or "bf16"
        isa : str
            Instruction set; in f32 results do not depend on it.
        film_samples, film_frames : int
            Keep a film of so many of them; none without it.
        progress : True, or callable(done, total)

        Returns
        -------
        Samples
            The same bytes as `swell generate -n N --seed SEED`.

        Raises
        ------
        ValueError
            The machine is not trained; a class that it has not; an option that is not allowed.
        Interrupted (KeyboardInterrupt)
            Ctrl-C; ``.result`` holds the samples that were finished.
        Diverged (ArithmeticError)
            `dt` is too long.

        Examples
        --------
        >>> import swell
        >>> swell.Generator().fit(tolerance=0.05).sample(2, seed=1).images.shape
        (2, 28, 28)
        """
        given = shared(options)
        with Told(progress) as tell:
            try:
                made = _swell._generate(self._require(), count(n, "n"), given, tell)
            except Interrupted:
                raise_trouble(options.get("entropy"))
                raise
        warn_of_trouble(options.get("entropy"), made["interrupted"])
        shape, labels = made.pop("shape"), made.pop("labels")
        values, film, pending = made.pop("values"), made.pop("film"), made.pop("interruption")
        result = Samples(values.reshape(values.shape[0], *shape), made.pop("heat_kT"), made.pop("quality"),
                         film.reshape(film.shape[0], film.shape[1], *shape), made.pop("film_times"), made.pop("bill"),
                         made, None if labels is None else np.asarray(labels, dtype=np.int64))
        raise_if_stopped(pending, result)
        return result

    def __repr__(self) -> str:
        return f"Generator('{self.design.name}', {'not trained' if self.trained is None else 'trained'})"

    def _repr_html_(self) -> str:
        groups = [(name, " x ".join(str(n) for n in shape) + " units") for name, shape in self.design.machine.groups.items()]
        state = "no" if self.trained is None else str(self.trained.training.get("method", "yes"))
        return table(f"Generator, design {self.design.name}", [*groups, ("trained", state)])
