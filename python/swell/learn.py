"""Classifiers and functions as scikit-learn has them. Needs scikit-learn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from . import _swell
from ._arrays import Floats, count, finite
from ._designs import Design
from ._errors import raise_if_stopped
from ._html import table
from ._progress import Told
from ._runs import Estimate

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError:
    raise ImportError("swell.learn needs scikit-learn, which is not here: pip install scikit-learn") from None

__all__ = ["Classifier", "Readings", "Regressor", "layered_design", "parameters", "with_parameters"]

_TRAIN = ("method", "updates", "batch", "rate", "noise_samples", "budget", "threads", "tolerance", "max_iterations",
          "teacher_epochs", "teacher_decay", "selection", "generations", "population", "elites", "mutation", "only", "start")

#: device(parameters, inputs) -> outputs
Device = Callable[[npt.NDArray[np.float32], npt.NDArray[np.float32]], Any]


def layered_design(
    inputs: int, outputs: int, hidden: int = 32, *, kT: float = 0.1, dt: float = 0.02, duration: float = 1.0,
    mean: float = 0.0, sigma: float = 1.0, logit_scale: float = 8.0, teacher: Sequence[int] = (), guide: float = 6.0,
) -> Design:
    """The design of designs/classifier.toml with other numbers of units: clamped inputs, one layer of hidden units
    coupled among themselves, outputs. Numbers in it that are not named here are those of that design.

    Parameters
    ----------
    inputs, outputs, hidden : int
    kT, dt, duration : float
        E0; step and read time, 1/mu.
    mean, sigma : float
        A datum d is clamped as (d - mean) / sigma.
    logit_scale : float
        exp(logit_scale x_o) is the weight of class o.
    teacher : sequence of int
        Of method "exact": hidden units of the digital teacher, layer by layer, `hidden` in all. None without it.
    guide : float
        Of method "exact": force on a unit whose unit of the teacher is fully active, E0. 6 is that at which J2 = J4 = 1
        put a unit at x = 1.

    Raises
    ------
    ValueError
        A number of units below 1, a kT, step, time or scale that is not allowed.

    Examples
    --------
    >>> from swell.learn import layered_design
    >>> layered_design(2, 3, hidden=8).machine.groups
    {'hidden': (8,), 'output': (3,), 'input': (2,)}
    """
    groups = [("hidden", hidden, ""), ("output", outputs, ""), ("input", inputs, 'pattern = "data"\n')]
    text = f'name = "layered"\nkT = {float(kT)!r}\ndt = {float(dt)!r}\n'
    for name, size, more in groups:
        own = "J2 = 1.0\n" if name == "input" else "J2 = 1.0\nJ4 = 1.0\n"
        text += f'[[group]]\nname = "{name}"\nshape = [{int(size)}]\n{own}{more}'
    for a, b in (("input", "hidden"), ("hidden", "hidden"), ("hidden", "output"), ("output", "output")):
        text += f'[[coupling]]\nbetween = ["{a}", "{b}"]\n'
    text += '[[bias]]\ngroup = "hidden"\n[[bias]]\ngroup = "output"\n'
    text += f'[[protocol.answer]]\nduration = {float(duration)!r}\ncouplings = "learned"\nclamp = ["input"]\n'
    text += (f'[neural]\noutput = "output"\nmean = {float(mean)!r}\nsigma = {float(sigma)!r}\n'
             f"logit_scale = {float(logit_scale)!r}\nspread = 1.0\n")
    if len(teacher):
        text += f"teacher = {[int(layer) for layer in teacher]}\nguide = {{ hidden = {float(guide)!r}, output = {float(guide)!r} }}\n"
    return Design.parse(text, "layered_design")


def parameters(design: Design) -> npt.NDArray[np.float32]:
    """The couplings and biases that training changes in a machine that answers, [parameters] float32, E0: in the order in
    which a device is given them.

    Raises
    ------
    ValueError
        The design has no table [neural], or no protocol "answer".

    Examples
    --------
    >>> from swell.learn import layered_design, parameters
    >>> parameters(layered_design(2, 1, hidden=4)).shape  # 2 x 4 + 4 x 3 / 2 + 4 x 1 couplings, 4 + 1 biases
    (23,)
    """
    return _swell._neural_parameters(design)


def with_parameters(design: Design, parameters: Any) -> Design:
    """The design with these numbers in its couplings and biases: what a device that is given them has to be. ValueError
    where they are not as many as :func:`parameters` has.

    Examples
    --------
    >>> import numpy as np
    >>> from swell.learn import layered_design, parameters, with_parameters
    >>> design = layered_design(2, 1, hidden=4)
    >>> float(with_parameters(design, parameters(design) + 0.5).machine.biases("learned")[0])
    0.5
    """
    row = np.ascontiguousarray(finite(parameters, "parameters", 1), dtype=np.float32)
    return Design(_swell._neural_design_with(design, row))


def _answers_of(device: Device, parameters: Any, inputs: Any, rows: int, outputs: int) -> npt.NDArray[np.float32]:
    """What a device says, looked over."""
    answers = finite(device(parameters, inputs), "the device's answer")
    if answers.shape != (rows, outputs):
        raise ValueError(f"the device's answer has shape {answers.shape}; [questions, outputs] is needed, "
                         f"({rows}, {outputs})")
    return np.ascontiguousarray(answers, dtype=np.float32)


class Readings(NamedTuple):
    """What answers are worth and what they cost, for each temperature and read time.

    Examples
    --------
    >>> import numpy as np
    >>> from swell.learn import Classifier
    >>> X, y = np.array([[-1.0], [-0.8], [0.8], [1.0]] * 8), [0, 0, 1, 1] * 8
    >>> model = Classifier(hidden=8, updates=200, random_state=1).fit(X, y)
    >>> model.read(X, y, durations=[0.2, 1.0], kTs=[0.1, 0.5, 2.0])
    Readings(accuracy and heat for 3 kT x 2 read times, 10 readings averaged)
    """

    durations: Floats
    """[times] read times, 1/mu."""
    kTs: Floats
    """[kTs] thermal energies, E0."""
    score: Estimate
    """[kTs, times] share of right answers of a classifier; R^2 of a function."""
    heat_kT: Estimate
    """[kTs, times] heat that one reading of one question gives to the bath, kT, mean over questions."""
    what: str
    """What `score` is: "accuracy" or "R^2"."""
    runs: int
    """Readings averaged for each answer."""

    def __repr__(self) -> str:
        return (f"Readings({self.what} and heat for {len(self.kTs)} kT x {len(self.durations)} read times, "
                f"{self.runs} readings averaged)")

    def _repr_html_(self) -> str:
        rows = [(f"kT = {kT:g} E0, t = {time:g} / mu",
                 f"{self.what} {self.score.value[k, t]:.3f} +- {self.score.stderr[k, t]:.2g}, "
                 f"heat {self.heat_kT.value[k, t]:.4g} +- {self.heat_kT.stderr[k, t]:.2g} kT")
                for k, kT in enumerate(self.kTs) for t, time in enumerate(self.durations)]
        return table(f"Readings, {self.runs} averaged", rows)


class _Machine(BaseEstimator):  # type: ignore[misc]
    def __init__(
        self, design: Design | None = None, *, hidden: int = 32, kT: float = 0.1, duration: float = 1.0,
        method: str = "gradient", updates: int | None = None, batch: int | None = None, rate: float | None = None,
        noise_samples: int | None = None, budget: float | None = None, tolerance: float | None = None,
        max_iterations: int | None = None, teacher_epochs: int | None = None, teacher_decay: float | None = None,
        selection: str | None = None,
        generations: int | None = None, population: int | None = None, elites: int | None = None,
        mutation: float | None = None, only: Sequence[str] | None = None, start: Design | None = None,
        device: Device | None = None, runs: int = 10,
        random_state: int | None = None, threads: int | None = None, progress: Any = None,
    ) -> None:
        self.design = design
        self.hidden = hidden
        self.kT = kT
        self.duration = duration
        self.method = method
        self.updates = updates
        self.batch = batch
        self.rate = rate
        self.noise_samples = noise_samples
        self.budget = budget
        self.tolerance = tolerance
        self.max_iterations = max_iterations
        self.teacher_epochs = teacher_epochs
        self.teacher_decay = teacher_decay
        self.selection = selection
        self.generations = generations
        self.population = population
        self.elites = elites
        self.mutation = mutation
        self.only = only
        self.start = start
        self.device = device
        self.runs = runs
        self.random_state = random_state
        self.threads = threads
        self.progress = progress

    def _seed(self) -> dict[str, int]:
        if self.random_state is None:
            return {}
        if isinstance(self.random_state, (int, np.integer)):
            return {"seed": int(self.random_state)}
        return {"seed": int(self.random_state.randint(2**31))}

    def _train(self, X: Floats, outputs: int, labels: Any, targets: Any) -> None:
        if len(X) < 2:
            raise ValueError(f"n_samples={len(X)} is not enough to learn from; two or more are needed")
        self.mean_, self.sigma_ = X.mean(axis=0), np.where(X.std(axis=0) > 0, X.std(axis=0), 1.0)
        design = self.design
        if design is None:
            design = layered_design(X.shape[1], outputs, self.hidden, kT=self.kT, duration=self.duration,
                                    teacher=(self.hidden,) if self.method == "exact" else ())
        given = {name: getattr(self, name) for name in _TRAIN if getattr(self, name) is not None} | self._seed()
        if self.device is not None:
            given["device"] = partial(_answers_of, self.device)
        with Told(self.progress) as tell:
            made, self.curve_, self.wall_s_, pending = _swell._neural_train(
                design, self._questions(X), labels, targets, given, tell)
        self.design_ = Design(made)
        self.n_iter_ = len(self.curve_)
        raise_if_stopped(pending, self)

    def _questions(self, X: Floats) -> Floats:
        if self.design is not None:
            return np.ascontiguousarray(X, dtype=np.float64)
        return np.ascontiguousarray((X - self.mean_) / self.sigma_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.non_deterministic = True  # an answer's noise belongs to its place in the set
        return tags

    def heat(self, X: Any) -> Floats:
        """Mean heat that an answer to each question gives to the bath, [rows] float64, kT. ValueError with a device,
        whose heat is not known here.

        Examples
        --------
        >>> import numpy as np
        >>> from swell.learn import Classifier
        >>> X, y = np.array([[-1.0], [-0.8], [0.8], [1.0]] * 8), [0, 0, 1, 1] * 8
        >>> model = Classifier(hidden=8, updates=200, random_state=1)
        >>> model.fit(X, y).heat(X).shape
        (32,)
        """
        self._require_simulation()
        return self._answers(X)[1]

    def _outputs(self, X: Any) -> Floats:
        if self.device is None:
            return self._answers(X)[0]
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=np.float64)
        inputs = self._questions(X).astype(np.float32)
        numbers, outputs = parameters(self.design_), _swell._neural_sizes(self.design_)[1]
        answers = [_answers_of(self.device, numbers, inputs, len(inputs), outputs) for _ in range(self.runs)]
        return self._used(np.mean(answers, axis=0, dtype=np.float64))

    def _used(self, outputs: Floats) -> Floats:
        """A design may have more outputs than there are classes."""
        return outputs[:, :len(self.classes_)] if hasattr(self, "classes_") else outputs

    def _asked(self, X: Floats, runs: int, **more: Any) -> tuple[Floats, Floats, dict[str, Any]]:
        """What the machine answers, mean over runs [rows, outputs]; its heat, kT, mean over runs [rows]; and the rest."""
        rows, options = self._questions(X), self._seed() | ({} if self.threads is None else {"threads": self.threads})
        if len(rows) == 1:  # a set of one example is refused; the second is not looked at
            rows = np.repeat(rows, 2, axis=0)
        runs = count(runs, "runs")
        answer = _swell._neural_answer(self.design_, rows, options | {"runs": runs} | more, None)
        outputs = answer["x"].reshape(runs, len(rows), -1).mean(axis=0, dtype=np.float64)
        return self._used(outputs[:len(X)]), answer["heat_kT"].reshape(runs, -1).mean(axis=0)[:len(X)], answer

    def _answers(self, X: Any) -> tuple[Floats, Floats, dict[str, Any]]:
        check_is_fitted(self)
        return self._asked(validate_data(self, X, reset=False, dtype=np.float64), self.runs)

    def bill(self, X: Any) -> dict[str, Any]:
        """What one answer costs as a device, and what the simulation and a digital network cost beside it: the bill of the
        program's reports (docs/report.md), of `runs` readings of each question.

        Parameters
        ----------
        X : array [rows, features]

        Returns
        -------
        dict
            "per": "answer", "results": how many, "device": heat and time, "outside_device_figure": what is read and
            written, "simulation": what it took here, "digital" and "training"; with what is not known, and why.

        Raises
        ------
        ValueError
            X of another number of features; a device, whose heat is not known here. Unfitted: sklearn's NotFittedError.

        Examples
        --------
        >>> import numpy as np
        >>> from swell.learn import Classifier
        >>> X, y = np.array([[-1.0], [-0.8], [0.8], [1.0]] * 8), [0, 0, 1, 1] * 8
        >>> bill = Classifier(hidden=8, updates=200, random_state=1).fit(X, y).bill(X)
        >>> bill["results"], bill["device"]["heat"]["unit"], bill["outside_device_figure"]["readouts"]
        (320, 'kT', 2.0)
        """
        self._require_simulation()
        bill: dict[str, Any] = self._answers(X)[2]["bill"]
        return bill

    def _require_simulation(self) -> None:
        if self.device is not None:
            raise ValueError("the heat of a device is not known here; without device= the simulation says it")

    def read(self, X: Any, y: Any, durations: Any = None, kTs: Any = None, *, runs: int | None = None) -> Readings:
        """Reads the trained machine at other times and temperatures: what its answers are then worth, and their heat. It
        is not trained anew.

        Parameters
        ----------
        X, y : arrays as of :meth:`score`
        durations : float or sequence of float, optional
            Read times, 1/mu, multiples of the design's step. The design's own without it.
        kTs : float or sequence of float, optional
            Thermal energies, E0. The design's own without it.
        runs : int, optional
            Readings averaged for each answer; the estimator's without it.

        Returns
        -------
        Readings
            With standard errors over the questions. Each pair of temperature and time has noise of its own.

        Raises
        ------
        ValueError
            A read time that is no multiple of the step, a time or temperature that is not above 0; a device, whose heat
            is not known here. Unfitted: sklearn's NotFittedError.

        Examples
        --------
        >>> import numpy as np
        >>> from swell.learn import Classifier
        >>> X, y = np.array([[-1.0], [-0.8], [0.8], [1.0]] * 8), [0, 0, 1, 1] * 8
        >>> model = Classifier(hidden=8, updates=200, random_state=1).fit(X, y)
        >>> found = model.read(X, y, kTs=[0.1, 20.0], runs=1)
        >>> bool(found.score.value[0, 0] > found.score.value[1, 0] + 0.1)  # the noise drowns it
        True
        """
        self._require_simulation()
        check_is_fitted(self)
        X, y = validate_data(self, X, y, reset=False, dtype=np.float64, **self._kind_of_y)
        given = []
        for values, name, option in ((kTs, "kTs", "kT"), (durations, "durations", "duration")):
            array = np.zeros(0) if values is None else np.atleast_1d(finite(values, name))
            if values is not None and (array.ndim != 1 or not len(array)):
                raise ValueError(f"{name} have shape {array.shape}; a number, or a list of one number or more, is needed")
            given.append([{option: float(value)} for value in array] if values is not None else [{}])
        cells = np.zeros((len(given[0]), len(given[1]), 6))
        runs = self.runs if runs is None else runs
        for k, (at, when) in enumerate(product(*map(enumerate, given))):
            outputs, heat, answer = self._asked(X, runs, run=k, **at[1], **when[1])
            error = heat.std(ddof=1) / np.sqrt(len(heat)) if len(heat) > 1 else np.nan
            cells[at[0], when[0]] = *self._worth(outputs, y), heat.mean(), error, answer["kT"], answer["duration"]
        score, score_error, heats, heat_error = np.moveaxis(cells[:, :, :4], -1, 0)
        return Readings(cells[0, :, 5], cells[:, 0, 4], Estimate(score, score_error), Estimate(heats, heat_error),
                        self._worth_is, runs)


class Classifier(ClassifierMixin, _Machine):  # type: ignore[misc]
    """A thermodynamic classifier: clamped inputs, hidden units, one output unit for each class, read at a set time out
    of equilibrium.

    Parameters
    ----------
    design : Design, optional
        With a table [neural]; inputs are then taken as they are. Without it :func:`layered_design` of the data's size,
        and inputs are standardised.
    hidden, kT, duration : int, float, float
        Of that design.
    method : "gradient", "exact" or "genetic"
        "exact" follows a digital teacher with as many hidden units; no noise is simulated, so it takes a moment
        (S. Whitelam, PNAS 2026, arXiv 2509.15324). Without `design` the teacher has one hidden layer; a design has to
        name one.
    updates, batch, rate, noise_samples, budget, threads
        Of the training; the library's defaults where None. budget in s.
    tolerance, max_iterations, teacher_epochs, teacher_decay : float, int, int, float
        Of method "exact": relative residual to stop at, and iterations; epochs of the teacher, a few hundred of which a
        set of less than a hundred examples needs, and its weight decay.
    selection, generations, population, elites, mutation : str, int, int, int, float
        Of method "genetic": "elites", which the published rule keeps, or "average", which uses the whole population.
    start : Design, optional
        A machine to begin with, of the same groups, such as ``design_`` of a trained one.
    only : sequence of str, optional
        What may change: couplings "GROUP-GROUP" and biases "GROUP". All without it.
    device : callable, optional
        device(parameters, inputs) -> outputs, asked in place of the simulation, in training (method="genetic") and in
        answers: parameters [parameters] float32 in the order of :func:`parameters`; inputs [questions, features] float32 as
        units are clamped; outputs [questions, outputs]. It is called in the thread that calls fit(). What it raises ends
        the training; Ctrl-C does too, and the estimator then holds the last generation. With `start` this is the
        calibration of a device by what it answers.
    runs : int
        Answers averaged for each question.
    random_state : int or RandomState, optional
    progress : True, or callable(done, total)

    Attributes
    ----------
    classes_ : array [classes]
        The classes, in the order of the outputs.
    design_ : Design
        The trained machine.
    curve_ : array
        The loss on the way.
    n_iter_ : int
        Updates that were made.
    wall_s_ : float
        Time of the training, s.

    Examples
    --------
    >>> import numpy as np
    >>> from swell.learn import Classifier
    >>> X, y = np.array([[-1.0], [-0.8], [0.8], [1.0]] * 8), np.array(["left", "left", "right", "right"] * 8)
    >>> bool(Classifier(hidden=8, updates=200, random_state=1).fit(X, y).score(X, y) > 0.9)
    True
    """

    def fit(self, X: Any, y: Any) -> Classifier:
        """Trains the machine. X [rows, features], y [rows] classes.

        Raises
        ------
        ValueError
            Fewer than two rows or classes, a number that is not finite, an option that is not allowed, a design that
            does not fit the data.
        Interrupted (KeyboardInterrupt)
            Ctrl-C; ``.result`` is the estimator as far as it was trained.

        Examples
        --------
        >>> import numpy as np
        >>> from swell.learn import Classifier
        >>> X, y = np.array([[-1.0], [-0.8], [0.8], [1.0]] * 8), [0, 0, 1, 1] * 8
        >>> model = Classifier(hidden=8, updates=200, random_state=1)
        >>> model.fit(X, y).classes_.tolist()
        [0, 1]
        """
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"y has {len(self.classes_)} class; two or more are needed")
        self._train(X, len(self.classes_), labels.astype(np.int64), None)
        return self

    _kind_of_y: dict[str, bool] = {}
    _worth_is = "accuracy"

    def _worth(self, outputs: Floats, y: Any) -> tuple[float, float]:
        """Share of right answers with its standard error."""
        right = float(np.mean(self.classes_[outputs.argmax(axis=1)] == y))
        return right, float(np.sqrt(right * (1 - right) / len(y)))

    def decision_function(self, X: Any) -> Floats:
        """Mean outputs, [rows, classes]; of two classes their difference, [rows].

        Raises
        ------
        ValueError
            X has other features than in training, or a number that is not finite. Unfitted: sklearn's NotFittedError.

        Examples
        --------
        >>> import numpy as np
        >>> from swell.learn import Classifier
        >>> X, y = np.array([[-1.0], [-0.8], [0.8], [1.0]] * 8), [0, 0, 1, 1] * 8
        >>> model = Classifier(hidden=8, updates=200, random_state=1)
        >>> model.fit(X, y).decision_function(X[:3]).shape
        (3,)
        """
        outputs = self._outputs(X)
        result: Floats = outputs[:, 1] - outputs[:, 0] if len(self.classes_) == 2 else outputs
        return result

    def predict(self, X: Any) -> Any:
        """The class of the largest output, [rows].

        Raises
        ------
        ValueError
            X has other features than in training, or a number that is not finite. Unfitted: sklearn's NotFittedError.

        Examples
        --------
        >>> import numpy as np
        >>> from swell.learn import Classifier
        >>> X, y = np.array([[-1.0], [-0.8], [0.8], [1.0]] * 8), [0, 0, 1, 1] * 8
        >>> model = Classifier(hidden=8, updates=200, random_state=1)
        >>> model.fit(X, y).predict([[-1.0], [1.0]]).tolist()
        [0, 1]
        """
        answers = self._outputs(X)
        return self.classes_[answers.argmax(axis=1)]

    def predict_proba(self, X: Any) -> Floats:
        """exp(logit_scale x_o) over its sum, [rows, classes]: the weights that training takes.

        Raises
        ------
        ValueError
            X has other features than in training, or a number that is not finite. Unfitted: sklearn's NotFittedError.

        Examples
        --------
        >>> import numpy as np
        >>> from swell.learn import Classifier
        >>> X, y = np.array([[-1.0], [-0.8], [0.8], [1.0]] * 8), [0, 0, 1, 1] * 8
        >>> model = Classifier(hidden=8, updates=200, random_state=1)
        >>> bool(abs(model.fit(X, y).predict_proba(X).sum(axis=1) - 1).max() < 1e-9)
        True
        """
        outputs = self._outputs(X)
        outputs = outputs * _swell._neural_sizes(self.design_)[2]
        weights = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        result: Floats = weights / weights.sum(axis=1, keepdims=True)
        return result


class Regressor(RegressorMixin, _Machine):  # type: ignore[misc]
    """A thermodynamic function: as :class:`Classifier`, with values to answer, which are standardised.

    Examples
    --------
    >>> import numpy as np
    >>> from swell.learn import Regressor
    >>> X = np.linspace(-1, 1, 32)[:, None]
    >>> bool(Regressor(hidden=8, updates=300, random_state=1).fit(X, X[:, 0]).score(X, X[:, 0]) > 0.7)
    True
    """

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: Any, y: Any) -> Regressor:
        """Trains the machine. X [rows, features], y [rows] or [rows, outputs].

        Raises
        ------
        ValueError
            Fewer than two rows, a number that is not finite, an option that is not allowed, a design that does not
            fit the data.
        Interrupted (KeyboardInterrupt)
            Ctrl-C; ``.result`` is the estimator as far as it was trained.

        Examples
        --------
        >>> import numpy as np
        >>> from swell.learn import Regressor
        >>> X = np.linspace(-1, 1, 16)[:, None]
        >>> len(Regressor(hidden=8, updates=20, random_state=1).fit(X, X[:, 0]).curve_)
        20
        """
        X, y = validate_data(self, X, y, dtype=np.float64, multi_output=True, y_numeric=True)
        targets = np.asarray(y, dtype=np.float64)
        self._flat = targets.ndim == 1
        targets = targets.reshape(len(targets), -1)
        self.y_mean_, self.y_sigma_ = targets.mean(axis=0), np.where(targets.std(axis=0) > 0, targets.std(axis=0), 1.0)
        self._train(X, targets.shape[1], None, np.ascontiguousarray((targets - self.y_mean_) / self.y_sigma_))
        return self

    _kind_of_y = {"multi_output": True, "y_numeric": True}
    _worth_is = "R^2"

    def _worth(self, outputs: Floats, y: Any) -> tuple[float, float]:
        """R^2, the mean over outputs, with the standard error of the mean square deviation."""
        targets = np.asarray(y, dtype=np.float64).reshape(len(outputs), -1)
        spread = targets.var(axis=0)
        if not (spread > 0).all():
            raise ValueError("y is the same in all rows; R^2 needs values that differ")
        missed = (((outputs * self.y_sigma_ + self.y_mean_) - targets)**2 / spread).mean(axis=1)
        return float(1 - missed.mean()), float(missed.std(ddof=1) / np.sqrt(len(missed)))

    def predict(self, X: Any) -> Floats:
        """Mean answers, of the shape of y.

        Raises
        ------
        ValueError
            X has other features than in training, or a number that is not finite. Unfitted: sklearn's NotFittedError.

        Examples
        --------
        >>> import numpy as np
        >>> from swell.learn import Regressor
        >>> X = np.linspace(-1, 1, 16)[:, None]
        >>> Regressor(hidden=8, updates=20, random_state=1).fit(X, np.hstack([X, -X])).predict(X).shape
        (16, 2)
        """
        values: Floats = self._outputs(X) * self.y_sigma_ + self.y_mean_
        return values[:, 0] if self._flat else values
