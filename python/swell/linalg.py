"""Linear algebra from equilibrium fluctuations: answers with standard errors.

Each function takes NumPy arrays or SciPy-sparse matrices (which are filled up) and these options; what is not given is
the library's default.

Options
-------
device : "overdamped", "exact" or "spu"
    Langevin units in discrete steps; the same by their exact transition; a circuit of coupled RLC cells.
integrator : "leimkuhler" or "euler", of the first
kT, dt : float
    Temperature, E0 (of solve); step, reduced time. Automatic without them.
clock : float
    V and kT times this: the same process, so many times faster.
bits : int
    Round couplings to so many bits first; 0 for as they are.
mitigate : bool
    Average over 32 realisations of the rounding.
samples, replicas : int
    Samples in all; independent replicas, a multiple of 32.
tolerance : float
    Relative error to stop at, Frobenius norms; 0 for none.
most_samples, budget : int, float
    Bounds of the samples, and of this computer's time, s.
interval, burn_in : float
    Between samples and before the first, in relaxation times.
seed, threads : int
comm : mpi4py.MPI.Intracomm
    Processes that share the groups of replicas, up to 32 of them; not of logdet. All call alike, and each has the answer.
progress : True, or callable(done, total)

Ctrl-C raises :class:`swell.Interrupted`, whose ``.result`` is the Answer so far, with ``.met`` False; None where there is
none yet, as of logdet before its last stage, or of solve before the last column.
"""

from __future__ import annotations

from typing import Any, TypedDict

import numpy as np

from . import _swell
from ._arrays import Floats, finite, number
from ._errors import raise_if_stopped
from ._html import table
from ._progress import Progress, Told
from ._ranks import shared

try:
    from typing import Unpack
except ImportError:  # pragma: no cover
    from typing_extensions import Unpack

__all__ = ["Answer", "expm", "inv", "logdet", "lyapunov", "sample_gaussian", "solve"]


class Options(TypedDict, total=False):
    """Options of every function here; see the module."""

    device: str
    integrator: str
    kT: float
    dt: float
    clock: float
    bits: int
    mitigate: bool
    samples: int
    replicas: int
    tolerance: float
    most_samples: int
    budget: float
    interval: float
    burn_in: float
    seed: int
    threads: int
    comm: Any
    progress: Progress


class _Kept:
    """What a pickled answer says of its making."""

    def __init__(self, met: bool, report: dict[str, Any], bill: dict[str, Any]) -> None:
        self.met, self._report_, self._bill_ = met, report, bill

    def _report(self) -> dict[str, Any]:
        return self._report_

    def _bill(self) -> dict[str, Any]:
        return self._bill_


class Answer:
    """An answer with its standard error.

    Attributes
    ----------
    value : array or float
        The answer, of the shape that NumPy would give it.
    stderr : array or float
        Standard error of each entry: sampling, what is left of the start, arithmetic, finite steps, rounding.
    samples : array [samples, variables], of :func:`sample_gaussian` only

    Examples
    --------
    >>> import swell
    >>> swell.linalg.inv([[2.0, 0.5], [0.5, 1.0]], seed=1, samples=640).stderr.shape
    (2, 2)
    """

    def __init__(self, made: Any, value: Any, stderr: Any, samples: Floats | None = None) -> None:
        self._made = made
        self.value = value
        self.stderr = stderr
        self.samples = samples

    def interval(self, level: float = 0.95) -> tuple[Any, Any]:
        """Lower and upper bounds of each entry at this confidence level: Student's t of 32 independent groups.

        Raises
        ------
        ValueError
            A level that is not between 0 and 1.

        Examples
        --------
        >>> import swell
        >>> low, high = swell.linalg.solve([[2.0]], [1.0], seed=1).interval(0.9999)
        >>> bool(low[0] < 0.5 < high[0])
        True
        """
        half = _swell._quantile(number(level, "level")) * self.stderr
        return self.value - half, self.value + half

    @property
    def met(self) -> bool:
        """Whether the tolerance asked for was reached, or the samples.

        Examples
        --------
        >>> import swell
        >>> swell.linalg.solve([[2.0]], [1.0], seed=1, samples=640).met
        True
        """
        return bool(self._made.met)

    @property
    def diagnostics(self) -> dict[str, Any]:
        """What the program's report says: parts of the error, times of the machine, looks on the way (docs/report.md).

        Examples
        --------
        >>> import swell
        >>> sorted(swell.linalg.solve([[2.0]], [1.0], seed=1).diagnostics["answer"]["error"]["parts"])
        ['arithmetic', 'rounding', 'sampling', 'start', 'step']
        """
        report: dict[str, Any] = self._made._report()
        return report

    @property
    def bill(self) -> dict[str, Any]:
        """What the answer costs as a device, and the simulation, at the library's prices; null where it is not known.

        Examples
        --------
        >>> import swell
        >>> swell.linalg.solve([[2.0]], [1.0], seed=1).bill["device"]["heat"]["unit"]
        'kT'
        """
        bill: dict[str, Any] = self._made._bill()
        return bill

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        value = np.asarray(self.value)
        if copy is False and (value is not self.value or dtype not in (None, value.dtype)):
            raise ValueError("this answer becomes such an array by a copy only")
        return np.array(value, dtype=dtype) if copy else value.astype(dtype or value.dtype, copy=False)

    def __float__(self) -> float:
        if np.ndim(self.value) != 0:
            raise TypeError(f"an answer of shape {np.shape(self.value)} is no single number; .value has them")
        return float(self.value)

    def __reduce__(self) -> Any:
        kept = _Kept(self.met, self.diagnostics, self.bill)
        return Answer, (kept, np.array(self.value), np.array(self.stderr), self.samples)

    def __repr__(self) -> str:
        if np.ndim(self.value) == 0:
            return f"Answer({self.value:.6g} +- {self.stderr:.2g})"
        relative = float(np.linalg.norm(self.stderr)) / max(float(np.linalg.norm(self.value)), 1e-300)
        return f"Answer(shape {np.shape(self.value)}, relative standard error {relative:.2g})"

    def _repr_html_(self) -> str:
        rows = [("answer", repr(self)[7:-1])]
        heat = (self.bill.get("device") or {}).get("heat")
        if isinstance(heat, dict) and heat.get("value") is not None:
            rows.append(("heat", f"{heat['value']:.4g} kT"))
        return table("Answer by fluctuations", rows)


def _split(options: Options) -> tuple[dict[str, Any], Progress]:
    given = shared(dict(options))
    return given, given.pop("progress", None)


def _of(made: Any, shape: tuple[int, ...] | None = None, samples: Floats | None = None) -> Answer:
    """The answer; raises what ended the work before, with the answer so far."""
    value, stderr = made.value, made.stderr
    if shape is not None:
        value, stderr = value.reshape(shape), stderr.reshape(shape)
    answer = Answer(made, value, stderr, samples)
    raise_if_stopped(made._take_pending(), answer)
    return answer


def _matrix(value: Any, name: str) -> Floats:
    matrix = finite(value, name, 2)
    if not matrix.size:
        raise ValueError(f"{name} has shape {matrix.shape}; at least one row and column are needed")
    return matrix


def solve(A: Any, b: Any, **options: Unpack[Options]) -> Answer:
    """x with A x = b by the mean of a fluctuating machine (M. Aifer et al., npj Unconv. Comput. 1, 13, 2024).

    Parameters
    ----------
    A : array [n, n] or SciPy-sparse
        Symmetric positive definite.
    b : array [n] or [n, columns]
        Each column is answered by a machine of its own. Where b is zero so is the answer, and no machine runs.

    Returns
    -------
    Answer, of the shape of b

    Raises
    ------
    ValueError
        A is not symmetric positive definite, sizes do not fit, an option is not allowed.
    ToleranceMissed (RuntimeError)
        The budget was spent before the machine had forgotten its start.

    Examples
    --------
    >>> import swell
    >>> answer = swell.linalg.solve([[2.0, 0.5], [0.5, 1.0]], [1.0, 0.0], seed=1)
    >>> low, high = answer.interval(0.999)
    >>> bool(((low < [4 / 7, -2 / 7]) & ([4 / 7, -2 / 7] < high)).all())
    True
    """
    given, progress = _split(options)
    right = finite(b, "b")
    if right.ndim not in (1, 2):
        raise ValueError(f"b has shape {right.shape}; [n] or [n, columns] is needed")
    matrix = _matrix(A, "A")
    if not right.any() and right.shape[0] == matrix.shape[0]:  # so is the answer, exactly
        _swell._require_positive_definite(matrix)
        return Answer(_Kept(True, {"method": "none: b is zero, and so is the answer"}, {}), np.zeros(right.shape),
                      np.zeros(right.shape))
    with Told(progress) as tell:
        made = _swell._solve(matrix, right.reshape(right.shape[0], -1), given, tell)
    return _of(made, right.shape)


def inv(A: Any, **options: Unpack[Options]) -> Answer:
    """The inverse of a symmetric positive definite A, [n, n], by the covariance of a fluctuating machine. Source and
    errors as of :func:`solve`.

    Raises
    ------
    ValueError
        A is not symmetric positive definite, or an option is not allowed.
    ToleranceMissed (RuntimeError)
        The budget was spent before the machine had forgotten its start.

    Examples
    --------
    >>> import swell
    >>> swell.linalg.inv([[2.0, 0.0], [0.0, 4.0]], seed=1).value.shape
    (2, 2)
    """
    given, progress = _split(options)
    with Told(progress) as tell:
        return _of(_swell._inverse(_matrix(A, "A"), given, tell))


def logdet(A: Any, **options: Unpack[Options]) -> Answer:
    """ln det A of a symmetric positive definite A, [n, n], by the work of switching couplings on: Bennett's acceptance
    ratio (J. Comput. Phys. 22, 245, 1976). Diagnostics have Jarzynski's average and thermodynamic integration too.

    Raises
    ------
    ValueError
        A is not symmetric positive definite, or an option is not allowed.

    Examples
    --------
    >>> import swell
    >>> answer = swell.linalg.logdet([[2.0, 0.5], [0.5, 1.0]], seed=1)
    >>> bool(abs(answer.value - 0.5596) < 6 * answer.stderr)
    True
    """
    given, progress = _split(options)
    with Told(progress) as tell:
        return _of(_swell._log_determinant(_matrix(A, "A"), given, tell))


def lyapunov(A: Any, Q: Any, **options: Unpack[Options]) -> Answer:
    """X with A X + X A^T = Q by a stationary covariance (S. Duffield et al., arXiv 2311.12759).

    Parameters
    ----------
    A : array [n, n]
        Every eigenvalue in the right half plane.
    Q : array [n, n]
        Symmetric, positive semidefinite.

    Raises
    ------
    ValueError
        A has an eigenvalue that is not in the right half plane, Q is not symmetric or positive semidefinite, sizes do
        not fit, an option is not allowed.
    ToleranceMissed (RuntimeError)
        The budget was spent before the machine had forgotten its start.

    Examples
    --------
    >>> import swell
    >>> swell.linalg.lyapunov([[1.0, 0.2], [0.0, 2.0]], [[2.0, 0.0], [0.0, 2.0]], seed=1).value.shape
    (2, 2)
    """
    given, progress = _split(options)
    with Told(progress) as tell:
        return _of(_swell._lyapunov(_matrix(A, "A"), _matrix(Q, "Q"), given, tell))


def expm(A: Any, t: float = 1.0, **options: Unpack[Options]) -> Answer:
    """e^(-A t) of any square A, [n, n], by the autocovariance of a fluctuating machine (S. Duffield et al., arXiv
    2311.12759). Note the sign: t = -1 gives e^A.

    Raises
    ------
    ValueError
        A is not square, t is not finite, or an option is not allowed.
    ToleranceMissed (RuntimeError)
        The budget was spent before the machine had forgotten its start.

    Examples
    --------
    >>> import swell
    >>> answer = swell.linalg.expm([[1.0]], seed=1)
    >>> bool(abs(answer.value[0, 0] - 0.36788) < 6 * answer.stderr[0, 0])
    True
    """
    given, progress = _split(options)
    with Told(progress) as tell:
        return _of(_swell._exponential(_matrix(A, "A"), number(t, "t"), given, tell))


def sample_gaussian(
    *, covariance: Any = None, precision: Any = None, mean: Any = None, information: Any = None,
    **options: Unpack[Options],
) -> Answer:
    """Samples of a Gaussian, given its covariance matrix or the inverse of that.

    Parameters
    ----------
    covariance, precision : array [n, n]
        One of them; symmetric positive definite.
    mean : array [n], optional
        Zero without it.
    information : array [n], optional
        With `precision`, instead of the mean: the precision matrix times the mean, as regression has it.

    Returns
    -------
    Answer
        ``.samples`` [samples, n] float64; ``.value`` and ``.stderr`` [n] are of their mean.

    Raises
    ------
    ValueError
        Not one of covariance and precision; a matrix that is not symmetric positive definite; mean and information
        both; an option that is not allowed.

    Examples
    --------
    >>> import swell
    >>> swell.linalg.sample_gaussian(covariance=[[1.0, 0.3], [0.3, 1.0]], samples=640, seed=1).samples.shape
    (640, 2)
    """
    given, progress = _split(options)
    if (covariance is None) == (precision is None):
        raise ValueError("one of covariance and precision is needed")
    if mean is not None and information is not None:
        raise ValueError("mean and information say the same thing in two ways; give one of them")
    if information is not None and precision is None:
        raise ValueError("information goes with precision: it is the precision matrix times the mean")
    matrix = _matrix(covariance if precision is None else precision, "covariance" if precision is None else "precision")
    column = mean if information is None else information
    vector = np.zeros(matrix.shape[0]) if column is None else finite(column, "mean", 1)
    with Told(progress) as tell:
        samples, made = _swell._gaussian(vector.reshape(-1, 1), matrix, precision is not None,
                                         information is not None, given, tell)
    return _of(made, (-1,), samples)
