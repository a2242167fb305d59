"""The sampler of dimod's kind."""

from __future__ import annotations

import time as clock
from typing import Any

import dimod  # type: ignore[import-untyped,unused-ignore]
import numpy as np

from . import _swell
from ._machines import Ising
from ._search import ground_state

__all__ = ["SwellSampler"]

_sample_set: Any = dimod.SampleSet.from_samples_bqm  # dimod is not typed
_append: Any = dimod.append_data_vectors


class SwellSampler(dimod.Sampler):  # type: ignore[misc,name-defined,unused-ignore]
    """Ground states of binary quadratic models by annealed p-bits, as a dimod.Sampler.

    Parameters
    ----------
    **defaults
        Options of :func:`swell.ground_state` that hold where a call gives none, such as time=1.0.

    Examples
    --------
    >>> import swell
    >>> sampler = swell.SwellSampler(runs=1, sweeps=100)
    >>> float(sampler.sample_ising({"a": -1.0}, {("a", "b"): 1.0}).first.energy)
    -2.0
    """

    def __init__(self, **defaults: Any) -> None:
        unknown = set(defaults) - set(_swell._search_options)
        if unknown:
            raise TypeError(f"a search has no option '{unknown.pop()}'; it has {', '.join(_swell._search_options)}")
        self._defaults = defaults

    @property
    def parameters(self) -> dict[str, list[str]]:
        """Options of a call."""
        return {name: [] for name in ("num_reads", *_swell._search_options)}

    @property
    def properties(self) -> dict[str, Any]:
        """The defaults of this sampler and its version."""
        return {"defaults": dict(self._defaults), "version": _swell.__version__}

    def sample(self, bqm: Any, num_reads: int = 1, **options: Any) -> Any:
        """Makes `num_reads` searches with this and the next seeds, each for its own time.

        Parameters
        ----------
        bqm : dimod.BinaryQuadraticModel
            Of spins or bits.
        num_reads : int
        **options
            As of :func:`swell.ground_state`; `target` is an energy of the model.

        Returns
        -------
        dimod.SampleSet
            Equal samples together, with occurrences; vectors "heat" and "seconds_to_best" of each sample (the first
            of equal ones). info has "timing", "heat" (in units of the couplings, of all reads) and each read's figures.
        """
        if num_reads < 1:
            raise ValueError(f"num_reads {num_reads} is not allowed; 1 or more is")
        options = self.remove_unknown_kwargs(**options)
        options = self._defaults | options
        spins = bqm.change_vartype("SPIN", inplace=False)
        if spins.num_variables == 0:
            return _sample_set(np.empty((num_reads, 0), dtype=np.int8), bqm)
        linear, (rows, columns, values), offset, labels = spins.to_numpy_vectors(return_labels=True)
        model = Ising.from_edges(len(linear), np.stack([rows, columns], axis=1).astype(np.int64),
                                 -np.asarray(values, dtype=np.float64), -np.asarray(linear, dtype=np.float64))
        if options.get("target") is not None:
            options["target"] = float(options["target"]) - float(offset)
        first, begin = options.pop("seed", None), clock.perf_counter()
        seeds: list[dict[str, Any]] = [{"seed": (1 if first is None else first) + k} for k in range(num_reads)]
        found = [ground_state(model, **(options | seed)) for seed in seeds]
        samples = _sample_set(
            (np.stack([each.spins for each in found]), list(labels)), spins, sort_labels=False)
        samples = _append(samples, heat=[each.info["heat"] for each in found],
                                            seconds_to_best=[each.info["seconds_to_best"] for each in found])
        samples = samples.aggregate().change_vartype(bqm.vartype, inplace=False)
        samples.info.update(timing={"total_s": clock.perf_counter() - begin,
                                    "search_s": sum(each.info["seconds"] for each in found)},
                            heat=sum(each.info["heat"] for each in found), reads=[each.info for each in found])
        return samples
