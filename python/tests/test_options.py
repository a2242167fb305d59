"""Each option of the library's tables can be given from Python, and no function takes one that the library has not."""
import inspect
import os
import pathlib
import threading
import time

import numpy as np
import pytest
import swell
from swell import _swell


def keywords(function):
    """Names of the parameters that a call may give by name."""
    return {name for name, part in inspect.signature(function).parameters.items() if part.kind is not part.VAR_KEYWORD} - {"self"}


def takes_any(function):
    return any(part.kind is part.VAR_KEYWORD for part in inspect.signature(function).parameters.values())


def test_a_run_takes_every_option():
    theirs = {"comm" if name == "ranks" else name for name in _swell._run_options}
    assert keywords(swell.run) - {"system", "protocol", "progress"} == theirs


def test_linear_algebra_takes_every_option():
    theirs = {"comm" if name == "ranks" else name for name in _swell._linear_options}
    assert set(swell.linalg.Options.__annotations__) - {"progress"} == theirs
    for name in theirs:  # the module says what each is
        assert name in swell.linalg.__doc__, name


def test_classifiers_take_every_option():
    learn = pytest.importorskip("swell.learn")
    theirs = set(_swell._neural_options)
    assert set(learn._TRAIN) | {"seed", "device"} == theirs  # which come as random_state and by a call of their own
    for kind in (learn.Classifier, learn.Regressor):
        assert theirs - {"seed"} <= set(kind().get_params())
    for name in theirs - {"seed"}:
        assert name in learn.Classifier.__doc__, name
    asked = keywords(learn.Classifier.read) | {"seed", "threads"}
    assert {{"kT": "kTs", "duration": "durations", "run": "runs"}.get(name, name) for name in _swell._answer_options} <= asked


@pytest.mark.parametrize("function, options, text", [
    (swell.Generator.fit, "_train_options", None), (swell.Generator.sample, "_sample_options", None),
    (swell.ground_state, "_search_options", None), (swell.max_cut, "_search_options", swell.ground_state),
    (swell.route.tour, "_route_options", swell.route), (swell.route.postman, "_route_options", swell.route)])
def test_options_by_name_go_through_and_are_described(function, options, text):
    theirs = {"comm" if name == "ranks" else name for name in getattr(_swell, options)}
    named = keywords(function)
    assert takes_any(function) or theirs <= named
    assert named & theirs == set() or takes_any(function)
    described = inspect.getdoc(text or function)
    assert [name for name in theirs - named if name not in described] == []


@pytest.mark.parametrize("function, options, others", [
    (swell.hardware.retrain, "_retrain_options", {"design", "device", "progress"}),
    (swell.calibrate, "_calibration_options", None), (swell.judge, "_judge_options", None), (swell.entropy.open, "_source_options", None)])
def test_functions_with_all_options_in_their_signature(function, options, others):
    theirs = {"read_every" if name == "every" else name for name in getattr(_swell, options)}
    missing = theirs - keywords(function)
    assert not missing or takes_any(function), missing
    assert others is None or keywords(function) - others == theirs


def test_other_threads_go_on_while_a_machine_is_read(tmp_path):
    """With the lock held the count stays near 0."""
    file = pathlib.Path(__file__).resolve().parents[2] / "machines/mnist.safetensors"
    if not file.exists() or os.path.getsize(file) < 10**6:
        pytest.skip("not in a source tree")
    made = []
    for call in (lambda: made.append(swell.read(file)), lambda: made[0].write(tmp_path / "again.safetensors")):
        thread, count = threading.Thread(target=call), 0
        begin = time.perf_counter()
        thread.start()
        while thread.is_alive():
            time.sleep(1e-3)
            count += 1
        assert count > 0.1 * 1e3 * (time.perf_counter() - begin), count  # a tenth of what an idle machine gives
    assert made[0].machine.units == swell.read(tmp_path / "again.safetensors").machine.units
