"""The sampler of dimod's kind."""

from __future__ import annotations

import time as clock
from typing import Any, Literal

import dimod  # type: ignore[import-untyped,unused-ignore]
import numpy as np

from . import _swell
from ._arrays import Spins, count, seed_of
from ._errors import Interrupted
from ._machines import Ising
from ._search import GroundState, ground_state, present_options

__all__ = ["SwellSampler"]

_OPTIONS = tuple(name for name in _swell._search_options if name != "start")  # which is initial_states here

_sample_set: Any = dimod.SampleSet.from_samples_bqm  # dimod is not typed
_append: Any = dimod.append_data_vectors


class SwellSampler(dimod.Sampler, dimod.Initialized):  # type: ignore[misc,name-defined,unused-ignore]
    """Ground states of binary quadratic models by annealed p-bits, as a dimod.Sampler.

    Parameters
    ----------
    **defaults
        Options of :func:`swell.ground_state` that hold where a call gives none, such as budget=1.0.

    Examples
    --------
    >>> import swell
    >>> sampler = swell.SwellSampler(runs=1, sweeps=100)
    >>> float(sampler.sample_ising({"a": -1.0}, {("a", "b"): 1.0}).first.energy)
    -2.0
    """

    def __init__(self, **defaults: Any) -> None:
        defaults = present_options(defaults)
        unknown = set(defaults) - {*_OPTIONS, "progress"}
        if unknown:
            raise TypeError(f"a search has no option '{unknown.pop()}'; it has {', '.join(_OPTIONS)}")
        self._defaults = defaults

    def __repr__(self) -> str:
        return f"SwellSampler({', '.join(f'{name}={value!r}' for name, value in self._defaults.items())})"

    @property
    def parameters(self) -> dict[str, list[str]]:
        """Options of a call.

        Examples
        --------
        >>> import swell
        >>> "sweeps" in swell.SwellSampler().parameters
        True
        """
        return {name: [] for name in ("num_reads", "initial_states", "initial_states_generator", "progress", *_OPTIONS)}

    @property
    def properties(self) -> dict[str, Any]:
        """The defaults of this sampler and its version.

        Examples
        --------
        >>> import swell
        >>> swell.SwellSampler(budget=1.0).properties["defaults"]
        {'budget': 1.0}
        """
        return {"defaults": dict(self._defaults), "version": _swell.__version__}

    def sample(
        self, bqm: Any, num_reads: int | None = None, *, initial_states: Any = None,
        initial_states_generator: Literal["none", "tile", "random"] = "random", **options: Any,
    ) -> Any:
        """Makes `num_reads` searches with this and the next seeds, each for its own time.

        Parameters
        ----------
        bqm : dimod.BinaryQuadraticModel
            Of spins or bits.
        num_reads : int, optional
            As many as there are initial states, or 1, without it.
        initial_states : dimod.SampleSet or other samples, optional
            A state of all variables for each read, spins or bits: it is no better than what the read finds. Reads begin at
            the temperature `hot`; a lower one keeps more of the state.
        initial_states_generator : "random", "tile" or "none"
            For reads beyond the initial states: random ones, as without any; the same ones again; or a ValueError.
        **options
            As of :func:`swell.ground_state`; `target` is an energy of the model. Ctrl-C leaves the reads so far as
            ``.result`` of the exception.

        Returns
        -------
        dimod.SampleSet
            Equal samples together, with occurrences; vectors "heat" and "seconds_to_best" of each sample (the first
            of equal ones). info has "timing", "heat" (in units of the couplings, of all reads) and each read's figures.

        Examples
        --------
        >>> import dimod, swell
        >>> bqm = dimod.BinaryQuadraticModel({"a": -1.0}, {"ab": 2.0}, 0.0, "BINARY")
        >>> sampler = swell.SwellSampler(runs=1, sweeps=100)
        >>> earlier = sampler.sample(bqm, num_reads=2)
        >>> float(sampler.sample(bqm, initial_states=earlier).first.energy)
        -1.0
        """
        if not (hasattr(bqm, "to_numpy_vectors") and hasattr(bqm, "change_vartype")):
            raise TypeError(f"a dimod.BinaryQuadraticModel is needed, this is {type(bqm).__name__}; sample_ising(h, J) and "
                            "sample_qubo(Q) take dicts, swell.ground_state a swell.Ising, and dimod.cqm_to_bqm() makes one of a CQM")
        if num_reads is not None and count(num_reads, "num_reads") < 1:
            raise ValueError(f"num_reads {num_reads} is not allowed; 1 or more is")
        if initial_states is None and initial_states_generator != "random":
            raise ValueError(f"initial_states_generator '{initial_states_generator}' goes with initial_states=")
        starts, reads = self._starts(bqm, num_reads, initial_states, initial_states_generator)
        options = self.remove_unknown_kwargs(**present_options(options))
        options = self._defaults | options
        spins = bqm.change_vartype("SPIN", inplace=False)
        if spins.num_variables == 0:
            return _sample_set(np.empty((reads, 0), dtype=np.int8), bqm)
        linear, (rows, columns, values), offset, labels = spins.to_numpy_vectors(return_labels=True)
        model = Ising.from_edges(len(linear), np.stack([rows, columns], axis=1).astype(np.int64),
                                 -np.asarray(values, dtype=np.float64), -np.asarray(linear, dtype=np.float64))
        if options.get("target") is not None:
            options["target"] = float(options["target"]) - float(offset)
        progress = options.pop("progress", None)
        first, begin = options.pop("seed", None), clock.perf_counter()
        names = list(bqm.variables)
        place = [names.index(label) for label in labels] if len(starts) else []
        found = []
        for k in range(reads):
            own: dict[str, Any] = {"seed": (1 if first is None else seed_of(first)) + k}
            if k < len(starts):
                own["start"] = starts[k, place]
            try:
                found.append(ground_state(model, progress=progress, **(options | own)))
            except Interrupted as stopped:
                if stopped.result is not None:
                    found.append(stopped.result)
                stopped.result = self._samples(bqm, spins, labels, found, begin) if found else None
                raise
        return self._samples(bqm, spins, labels, found, begin)

    def _samples(self, bqm: Any, spins: Any, labels: Any, found: list[GroundState], begin: float) -> Any:
        samples = _sample_set(
            (np.stack([each.spins for each in found]), list(labels)), spins, sort_labels=False)
        samples = _append(samples, heat=[each.info["heat"] for each in found],
                                            seconds_to_best=[each.info["seconds_to_best"] for each in found])
        samples = samples.aggregate().change_vartype(bqm.vartype, inplace=False)
        samples.info.update(timing={"total_s": clock.perf_counter() - begin,
                                    "search_s": sum(each.info["seconds"] for each in found)},
                            heat=sum(each.info["heat"] for each in found), reads=[each.info for each in found])
        return samples

    def _starts(self, bqm: Any, num_reads: int | None, states: Any, generator: Any) -> tuple[Spins, int]:
        """Spins [reads that have a state, variables] in the order of bqm.variables, and the number of reads."""
        if states is None:
            return np.empty((0, bqm.num_variables), dtype=np.int8), 1 if num_reads is None else num_reads
        if not isinstance(states, dimod.SampleSet):
            states = dimod.as_samples(states)
        parsed = self.parse_initial_states(bqm, states, generator, num_reads, seed=1)
        filled = parsed.initial_states.change_vartype("SPIN", inplace=False)
        order = [filled.variables.index(label) for label in bqm.variables]
        given = len(dimod.as_samples(states)[0]) if generator == "random" else parsed.num_reads
        rows: Spins = filled.record.sample[:given, order].astype(np.int8)
        return rows, parsed.num_reads
