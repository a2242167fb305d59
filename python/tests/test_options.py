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


def assert_others_go_on(call):
    """With the lock held the count stays near 0."""
    thread, count = threading.Thread(target=call), 0
    begin = time.perf_counter()
    thread.start()
    while thread.is_alive():
        time.sleep(1e-3)
        count += 1
    assert count > 0.1 * 1e3 * (time.perf_counter() - begin), count  # a tenth of what an idle machine gives


def test_other_threads_go_on_while_couplings_are_taken():
    pairs = np.arange(2 * 10**6) % 999
    machine = swell.Machine().group("x", 1000).couplings("J")
    assert_others_go_on(lambda: machine._couple_pairs("x", pairs, "x", pairs + 1, np.full(len(pairs), 1e-3)))
    assert machine.matrix("J")[0, 1] == pytest.approx(1e-3 * np.sum(pairs == 0))


def test_a_machine_that_threads_build_at_once_holds_all_of_it():
    machine = swell.Machine().group("x", 400).couplings("J")
    failed = []

    def work(k):
        try:
            for i in range(k, 400, 4):
                others = np.delete(np.arange(400), i)
                machine.couple_units("x", np.full(399, i), "x", others, np.full(399, 0.5))
                assert machine.units == 400
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    np.testing.assert_array_equal(machine.matrix("J"), 1 - np.eye(400))  # each pair from both of its ends


def test_other_threads_go_on_while_a_machine_is_read(tmp_path):
    file = pathlib.Path(__file__).resolve().parents[2] / "machines/mnist.safetensors"
    if not file.exists() or os.path.getsize(file) < 10**6:
        pytest.skip("not in a source tree")
    made = []
    for call in (lambda: made.append(swell.read(file)), lambda: made[0].write(tmp_path / "again.safetensors")):
        assert_others_go_on(call)
    assert made[0].machine.units == swell.read(tmp_path / "again.safetensors").machine.units
