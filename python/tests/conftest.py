import os
import pathlib
import shutil

import numpy as np
import pytest
import swell


@pytest.fixture
def pair():
    """Two groups, dense couplings in one set and sparse ones in another."""
    machine = swell.Machine(kT=0.5).group("a", 3, J2=-1, J4=1).group("b", (2, 2), J2=0.7)
    machine.couplings("dense").couple("a", "b", np.linspace(-0.3, 0.3, 12).reshape(3, 4)).bias("b", 0.1)
    return machine.couplings("sparse").couple_units("a", [0, 1], "b", [3, 2], [0.4, -0.2])


@pytest.fixture
def settle():
    return swell.Protocol("test").segment("rest", 0.5).segment("hold", 0.5, "dense")


@pytest.fixture(scope="session")
def program():
    """The program of the same build; tests that need it are passed over without it."""
    named = os.environ.get("SWELL_PROGRAM") or shutil.which("swell")
    if not named or not pathlib.Path(named).exists():
        pytest.skip("the program is not here; SWELL_PROGRAM names it")
    return named


@pytest.fixture(scope="session")
def few_stages():
    """A design of six stages for images of 4 x 4 pixels in two classes."""
    return """name = "few"
kT = 1.0
dt = 4e-3
[[group]]
name = "visible"
shape = [4, 4]
J2 = 0.5
pattern = "data"
[[group]]
name = "hidden"
shape = [20]
J4 = 1.0
mobility = 5.0
[[group]]
name = "label"
shape = [2]
J2 = 0.5
pattern = "label"
[stages]
label = "label"
count = 6
amplitude = 12.0
noise = [4.0, 0.1]
cool = 0.2
"""
