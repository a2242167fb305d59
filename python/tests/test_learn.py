"""Classifiers and functions: scikit-learn's own checks, and answers that are right."""
import os
import signal
import threading
import time

import numpy as np
import pytest
import swell

pytest.importorskip("sklearn")
from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402

from swell.learn import Classifier, Regressor, layered_design, parameters, with_parameters  # noqa: E402

QUICK = {"hidden": 16, "updates": 400, "batch": 32, "runs": 8, "random_state": 1, "threads": 1}
NOISE = "an answer is drawn anew for its place in the set: its noise belongs to its row"


def not_for_noise(_estimator):
    return {"check_methods_subset_invariance": NOISE, "check_methods_sample_order_invariance": NOISE}


@parametrize_with_checks([Classifier(**QUICK), Regressor(**QUICK)], expected_failed_checks=not_for_noise)
def test_scikit_learns_own(estimator, check):
    check(estimator)


def test_a_classifier_learns_and_keeps_its_books():
    rng = np.random.default_rng(5)
    X = rng.normal(size=(200, 2))
    y = np.where(X[:, 0] * X[:, 1] > 0, "same", "other")  # no line parts them
    model = Classifier(hidden=16, updates=1000, random_state=1).fit(X, y)
    assert model.score(X, y) > 0.75  # the best line gets 0.5 to 0.6: deviation 0.035
    assert model.predict_proba(X).sum(1) == pytest.approx(1) and (model.heat(X) != 0).all()
    assert len(model.curve_) == model.n_iter_ == 1000


def test_a_function_is_learned():
    X = np.linspace(-1, 1, 64)[:, None]
    model = Regressor(hidden=16, updates=1000, random_state=1, runs=50).fit(X, X[:, 0]**2)
    assert model.score(X, X[:, 0]**2) > 0.5  # the best line gets 0


class Device:
    """Units with a gain of their own, which the simulation knows nothing of: outputs of the machine, weighed and shifted."""

    def __init__(self, gain=0.6, shift=0.3):
        self.gain, self.shift, self.calls, self.threads = gain, shift, [], set()
        self.design = layered_design(2, 2, hidden=6)

    def __call__(self, numbers, inputs):
        self.calls.append((numbers.copy(), inputs.copy()))
        self.threads.add(threading.current_thread())
        machine = with_parameters(self.design, numbers)
        outputs = swell._swell._neural_answer(machine, inputs.astype(np.float64), {"threads": 1, "run": len(self.calls)}, None)["x"]
        return self.gain * outputs + np.array([self.shift, 0.0])


GENETIC = {"hidden": 6, "method": "genetic", "population": 12, "elites": 3, "generations": 15, "batch": 0, "random_state": 1, "runs": 1}


def halves():
    X = np.random.default_rng(2).normal(size=(80, 2))
    return X, (X[:, 0] > 0).astype(int)


def test_a_device_is_trained_by_what_it_answers():
    X, y = halves()
    device = Device()
    model = Classifier(device=device, **(GENETIC | {"generations": 25, "runs": 10})).fit(X, y)
    assert len(device.calls) == 12 * 25 and device.threads == {threading.main_thread()}
    numbers, inputs = device.calls[0]
    assert numbers.dtype == inputs.dtype == np.float32 and inputs.shape == (80, 2) and numbers.shape == parameters(device.design).shape
    np.testing.assert_allclose(np.sort(inputs, axis=0), np.sort((X - X.mean(0)) / X.std(0), axis=0), rtol=1e-5)  # shuffled
    assert model.curve_[-1] < 0.7 * model.curve_[0]  # the best of a generation; elites are scored anew, with noise
    assert model.score(X, y) > 0.85  # of 80, half of them by chance: deviation 0.056
    np.testing.assert_array_equal(device.calls[-1][0], parameters(model.design_))  # answers come from the device
    with pytest.raises(ValueError, match="heat of a device"):
        model.heat(X)


def test_a_device_is_calibrated_from_a_simulated_machine():
    X, y = halves()
    simulated = Classifier(hidden=6, updates=400, random_state=1).fit(X, y)
    device = Device(gain=1.0, shift=1.5)  # so far off that all is class 0
    before = np.argmax(device(parameters(simulated.design_), ((X - X.mean(0)) / X.std(0)).astype(np.float32)), axis=1)
    assert (before == y).mean() < 0.75
    model = Classifier(device=device, start=simulated.design_, only=["output"], mutation=0.3, **GENETIC).fit(X, y)
    assert model.score(X, y) > 0.85
    changed = parameters(model.design_) != parameters(simulated.design_)
    assert 0 < changed.sum() <= 2  # the biases of two outputs


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("kind", [RuntimeError, KeyboardInterrupt])
def test_what_a_device_raises_ends_the_training(kind, late):
    calls = []

    def device(numbers, inputs):
        calls.append(1)
        if len(calls) > (40 if late else 0):
            raise kind("the device is off")
        return inputs

    model = Classifier(device=device, **GENETIC)
    with pytest.raises(kind, match="off" if kind is RuntimeError else "Ctrl-C") as caught:
        model.fit(*halves())
    assert len(calls) == (41 if late else 1)
    assert hasattr(model, "design_") == late and (not late or model.n_iter_ == 3)
    if kind is KeyboardInterrupt:
        assert isinstance(caught.value, swell.Interrupted) and caught.value.result is (model if late else None)


def test_ctrl_c_ends_a_device_that_hangs():
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    start = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        Classifier(device=lambda numbers, inputs: time.sleep(60), **GENETIC).fit(*halves())
    timer.join()
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize("answer, words", [(lambda x: x[:3], r"shape \(3, 2\)"), (lambda x: np.nan * x, "finite"),
                                           (lambda x: "four", "numbers of type"), (lambda x: None, "numbers of type")])
def test_wrong_answers_of_a_device_are_value_errors(answer, words):
    with pytest.raises(ValueError, match=words):
        Classifier(device=lambda numbers, inputs: answer(inputs), **GENETIC).fit(*halves())


def test_a_device_has_no_derivatives():
    with pytest.raises(ValueError, match="genetic"):
        Classifier(device=Device(), hidden=6).fit(*halves())
    with pytest.raises(ValueError, match="parameters"):
        with_parameters(layered_design(2, 2), [1.0])
