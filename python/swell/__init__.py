"""Swell: thermodynamic computing.

Describe a machine (:class:`Machine` of Langevin units, :class:`Ising` of p-bits, :class:`LinearSystem`), a
:class:`Protocol` of what changes in time, and :func:`run` it: states, heat, work and entropy as NumPy arrays.

swell.linalg     linear algebra with error bars
swell.entropy    random bits from outside: devices, services, tapes
swell.hardware   circuits, boards, chips with faults
swell.route      tours and mail rounds
swell.learn      classifiers and functions as scikit-learn has them (needs scikit-learn)
swell.plot       pictures (needs matplotlib)
SwellSampler     a sampler of dimod's kind (needs dimod)
Generator        images from noise
judge            how good images are, beside reference lines
calibrate        what to write into a device so that it is the machine that is meant

Energies are in E0, times in 1/mu, heat and work of a trajectory in E0: change of V = work - heat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import entropy, hardware, linalg, route
from ._calibration import Calibration, calibrate
from ._designs import Design, design, read
from ._errors import Diverged, Interrupted, ToleranceMissed
from ._generator import Generator, Samples
from ._judge import judge
from ._machines import Ising, LinearSystem, Machine
from ._protocols import Protocol, Schedule
from ._runs import Course, Estimate, GroupArray, Run, run
from ._search import Cut, GroundState, ground_state, max_cut
from ._swell import __version__, hardware_threads

if TYPE_CHECKING:
    from . import learn, plot
    from ._dimod import SwellSampler

__all__ = [
    "Calibration", "Course", "Cut", "Design", "Diverged", "Estimate", "Generator", "GroundState", "GroupArray", "Interrupted", "Ising",
    "LinearSystem", "Machine", "Protocol", "Run", "Samples", "Schedule", "SwellSampler", "ToleranceMissed", "__version__", "calibrate",
    "design", "entropy", "ground_state", "hardware", "hardware_threads", "judge", "linalg", "max_cut", "read", "route", "run",
]


def _without_dimod(self: Any, **_: Any) -> None:
    raise ImportError("SwellSampler needs dimod, which is not here: pip install dimod")


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in ("learn", "plot"):  # not of `from swell import *`, which runs with NumPy alone
        try:
            return import_module(f"{__name__}.{name}")
        except ImportError as error:  # `from swell import plot` says the same as an ImportError
            raise AttributeError(str(error)) from error
    if name == "SwellSampler":
        try:
            return import_module(f"{__name__}._dimod").SwellSampler
        except ModuleNotFoundError as error:
            if error.name != "dimod":
                raise
            return type("SwellSampler", (), {"__init__": _without_dimod, "__doc__": "A sampler of dimod's kind."})
    raise AttributeError(f"module 'swell' has no attribute '{name}'")
