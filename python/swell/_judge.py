"""How good generated images are, beside reference lines."""

from __future__ import annotations

import os
import pathlib
from typing import Any

import numpy as np

from . import _swell
from ._arrays import real, whole
from ._progress import Progress, Told

__all__ = ["judge"]


def judge(images: Any, labels: Any = None, data: str = "mnist", *, folder: str | os.PathLike[str] | None = None,
          progress: Progress = None, **options: Any) -> dict[str, Any]:
    """Holds generated images against MNIST or Fashion-MNIST, as `swell judge` does, beside reference lines.

    Parameters
    ----------
    images : array [images, 28, 28] or [images, 784]
        Bytes, or numbers from 0 to 1, -1 to 1 or 0 to 255 (told by where nearly all of them lie), noise and all.
    labels : array [images] of int, optional
        The classes that were asked for, 0 to 9; without them there is no agreement.
    data : "mnist" or "fashion-mnist"
    folder : path, optional
        Where the files of the set are; without it where `swell data` puts them.
    range : (float, float)
        The numbers that are black and white.
    n : int
        Judge only so many, drawn at random; 0 for all.
    noise : float
        Standard deviation of the noise in the images, black to white = 1: a reference line has test images with as much.
    binarise : float
        Make pixels above this white and the others black, in images, data and reference lines alike.
    resamples, seed, threads : int
    progress : True, or callable(done, total)

    Returns
    -------
    dict
        "result" (agreement, confidence, frechet_distance, kernel_distance, precision, recall, variance, class_variance,
        nearest_distance, copied, memorised, ...), "references" (a list of the same for each line, with "what") and
        "notes" (what was done to the images on reading). Whatever has an error is {value, stderr, count, unit}.

    Raises
    ------
    ValueError
        Images of another size or without a known scale, labels that do not fit, an unknown set.
    OSError
        The set is not in the folder.

    Examples
    --------
    >>> import numpy as np, swell
    >>> try:
    ...     swell.judge(np.zeros((10, 8, 8)), folder=".")
    ... except ValueError as error:
    ...     print(error)
    images has shape 10 x 8 x 8; images of 28 x 28 are needed, as those of the set are
    >>> samples = swell.Generator().fit().sample(1000)                      # doctest: +SKIP
    >>> judged = swell.judge(samples.images, data="mnist")                  # doctest: +SKIP
    >>> judged["result"]["frechet_distance"]["value"]                       # doctest: +SKIP
    """
    given = {name: value for name, value in options.items() if value is not None}
    array = np.asarray(images)
    if array.dtype == np.uint8 and "range" not in given:
        given["range"] = (0, 255)
    numbers = real(array, "images")
    shape = [int(extent) for extent in numbers.shape]
    classes = [] if labels is None else [int(label) for label in whole(labels, "labels", 1)]
    if labels is not None and len(classes) != shape[0]:
        raise ValueError(f"there are {len(classes)} labels for {shape[0]} images; one for each is needed")
    if folder is None:
        shared = os.environ.get("XDG_DATA_HOME") or pathlib.Path.home() / ".local" / "share"
        folder = pathlib.Path(shared) / "swell" / data
        if data in _swell._judge_sets() and not folder.is_dir():
            raise FileNotFoundError(f"the data set {data} is not in {folder}; 'swell data {data}' fetches it")
    rows = numbers.reshape(shape[0], -1) if len(shape) > 1 and shape[0] > 0 else numbers.reshape(0, 0)
    with Told(progress) as tell:
        return _swell._judge(rows, shape, classes, data, os.fspath(folder), given, tell)
