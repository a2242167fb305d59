"""Classifiers and functions: scikit-learn's own checks, and answers that are right."""
import json
import os
import signal
import subprocess
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


def bars(rows, seed):
    """Images of 4 x 4 with one bar, across (0) or down (1), and noise on each pixel."""
    rng, X, y = np.random.default_rng(seed), np.zeros((rows, 4, 4)), np.arange(rows) % 2
    for k, place in enumerate(rng.integers(4, size=rows)):
        X[k, place if y[k] == 0 else slice(None), slice(None) if y[k] == 0 else place] = 1
    return X.reshape(rows, 16) + 0.1 * rng.normal(size=(rows, 16)), y


def test_exact_training_follows_a_teacher_of_the_default_design():
    X, y = bars(300, 1)
    model = Classifier(method="exact", hidden=12, teacher_epochs=100, random_state=1).fit(X, y)
    assert model.score(*bars(400, 2)) > 0.95  # no line parts them: 0.5 by chance, deviation 0.025
    told = model.design_.training
    assert told["method"] == "exact" and told["teacher"]["training_accuracy"] > 0.95
    assert model.curve_[-1] <= 1e-4  # the library's tolerance


def test_the_options_of_exact_training_reach_it():
    X, y = bars(100, 1)
    quick = {"method": "exact", "hidden": 6, "random_state": 1}
    rough = Classifier(**quick, teacher_epochs=5, tolerance=0.1).fit(X, y)
    assert rough.n_iter_ < Classifier(**quick, teacher_epochs=5).fit(X, y).n_iter_
    assert Classifier(**quick, max_iterations=2, tolerance=1e-12).fit(X, y).n_iter_ <= 3
    free, held = (parameters(Classifier(**quick, teacher_decay=decay, teacher_epochs=60).fit(X, y).design_) for decay in (0.0, 30.0))
    assert np.abs(free - held).max() > 0.1  # another teacher was followed
    for name, value in (("tolerance", 0.0), ("max_iterations", 0), ("teacher_epochs", 0), ("teacher_decay", -1.0)):
        with pytest.raises(ValueError, match=name):
            Classifier(**quick, **{name: value}).fit(X, y)
    with pytest.raises(ValueError, match="0 hidden units, the machine 6"):
        Classifier(layered_design(16, 2, hidden=6), method="exact").fit(X, y)
    with pytest.raises(ValueError, match="method gradient or genetic"):
        Regressor(method="exact", hidden=6).fit(X, X[:, 0])
    assert Classifier(layered_design(16, 2, hidden=6, teacher=[4, 2]), method="exact").fit(X, y).n_iter_ > 1


def test_a_machine_is_read_at_other_times_and_temperatures():
    X, y = bars(200, 3)
    model = Classifier(hidden=12, updates=600, random_state=4).fit(*bars(300, 1))
    own = model.read(X, y)
    assert own.durations.tolist() == [1.0] and own.kTs.tolist() == [0.1] and own.runs == 10 and own.what == "accuracy"
    assert own.score.value[0, 0] == model.score(X, y)  # the same noise
    assert own.heat_kT.value[0, 0] == pytest.approx(model.heat(X).mean(), rel=1e-12)
    right = own.score.value[0, 0]
    assert own.score.stderr[0, 0] == pytest.approx(np.sqrt(right * (1 - right) / 200))
    assert own.heat_kT.stderr[0, 0] == pytest.approx(model.heat(X).std(ddof=1) / np.sqrt(200), rel=1e-9)
    found = model.read(X, y, durations=[0.02, 1.0], kTs=[0.1, 10.0], runs=1)
    assert found.score.value.shape == found.heat_kT.stderr.shape == (2, 2)
    assert found.score.value[0, 1] > found.score.value[1, 1] + 0.1 > 0.4  # noise drowns it
    assert found.score.value[0, 1] > found.score.value[0, 0] + 0.1  # after one step outputs have not seen hidden units
    # Energy that falls by about the same goes to the bath: in kT a hundredth of it at a hundred times the kT.
    assert found.heat_kT.value[0, 1] > 10 * abs(found.heat_kT.value[1, 1])
    # The same as a machine of that temperature and time, asked by itself.
    text = model.design_.text.replace("kT = 0.1", "kT = 0.5").replace("duration = 1.0", "duration = 0.4")
    other = with_parameters(swell.Design.parse(text), parameters(model.design_))
    answer = swell._swell._neural_answer(other, model._questions(X), {"seed": 4}, None)
    again = model.read(X, y, 0.4, 0.5, runs=1)
    assert again.heat_kT.value[0, 0] == pytest.approx(answer["heat_kT"].mean(), rel=1e-12)
    assert again.score.value[0, 0] == (answer["x"].argmax(1) == y).mean()
    for wrong, words in (({"durations": 0.03}, "multiple of dt"), ({"durations": [-1.0]}, "duration -1"), ({"kTs": 0.0}, "kT 0"),
                         ({"kTs": []}, "kTs have shape"), ({"durations": [[1.0]]}, "durations have shape"), ({"runs": 0}, "runs 0"),
                         ({"kTs": [np.nan]}, "finite")):
        with pytest.raises(ValueError, match=words):
            model.read(X, y, **wrong)


def test_a_function_is_read_in_r2():
    X = np.linspace(-1, 1, 64)[:, None]
    y = np.hstack([X, -X])
    model = Regressor(hidden=8, updates=400, random_state=1).fit(X, y)
    found = model.read(X, y, kTs=[0.1, 3.0])
    assert found.what == "R^2" and found.score.value[0, 0] == pytest.approx(model.score(X, y), rel=1e-12)
    assert found.score.value[1, 0] < found.score.value[0, 0] - 5 * found.score.stderr[1, 0]
    # Standard error of the mean square deviation, over the spread of y.
    missed = ((model.predict(X) - y)**2 / y.var(axis=0)).mean(axis=1)
    assert found.score.stderr[0, 0] == pytest.approx(missed.std(ddof=1) / 8)
    with pytest.raises(ValueError, match="same in all rows"):
        model.read(X, 0 * y)


def test_an_answer_has_a_bill():
    X, y = bars(100, 3)
    model = Classifier(hidden=8, updates=50, random_state=4, runs=3).fit(X, y)
    bill = model.bill(X)
    assert bill["results"] == 300 and bill["per"] == "answer"
    assert bill["device"]["heat"]["value"] == pytest.approx(model.heat(X).mean(), rel=1e-9)
    beside = bill["outside_device_figure"]
    assert (beside["inputs"], beside["readouts"], beside["writes_once"]) == (16, 2, len(parameters(model.design_)))
    assert bill["simulation"]["draws"] >= 300 * 50 * 10  # normals: answers, steps, free units
    model.device = lambda numbers, inputs: inputs
    for call in (lambda: model.bill(X), lambda: model.read(X, y)):
        with pytest.raises(ValueError, match="heat of a device"):
            call()


def test_a_classifier_answers_from_a_chip():
    """40 answers have a standard error of 0.08 where they are chance."""
    X, y = np.array([[-1.0], [-0.8], [0.8], [1.0]] * 10), np.array([0, 0, 1, 1] * 10)
    model = swell.learn.Classifier(hidden=8, updates=200, random_state=1).fit(X, y)
    meant = model.design_
    assert model.score(X, y) > 0.9

    def score(spec):
        model.design_ = swell.hardware.perturb(meant, spec, seed=3)
        return model.score(X, y)

    assert abs(score("[couplings]\nstuck = 1\n") - 0.5) < 0.4  # nothing of the question arrives
    assert score("[noise]\ntemperature = 100\n") < 0.9
    for slight in ("[noise]\ncorrelation_time = 0.05\n", "[noise]\ndelay = 0.02\n", "[couplings]\nsaturation = 5\n", "[noise]\ntemperature_spread = 0.05\n"):
        assert score(slight) > 0.9, slight


def test_answers_of_a_chip_are_read_through_its_converter(tmp_path, program):
    """The figure of `swell neural test --chip` for its chip: root mean square error of the mean of 30 answers."""
    X = np.linspace(-1, 1, 8)[:, None]
    model = Regressor(layered_design(1, 1, hidden=4, dt=0.05), updates=50, random_state=1).fit(X, X[:, 0] / 2)
    model.design_.write(tmp_path / "model.safetensors")
    (tmp_path / "table.csv").write_text("".join(f"{float(x)!r},{float(x / 2)!r}\n" for x in X[:, 0]))
    spec = "[units]\nmismatch = '10 %'\n[readout]\nbits = 3\nrange = 2\nnoise = 0.1\n"
    (tmp_path / "chip.toml").write_text(spec)
    told = subprocess.run([program, "neural", "test", "model.safetensors", "--data", "table.csv", "-n", "30", "--read-times", "0",
                           "--seed", "7", "--chip", "chip.toml", "--chips", "1", "--json", "-", "--quiet"], cwd=tmp_path,
                          check=True, capture_output=True)
    seed = swell.hardware.chip_seed(7, 0)
    model.design_ = swell.hardware.perturb(model.design_, spec, seed=seed)
    x = swell._swell._neural_answer(model.design_, X, {"seed": seed, "runs": 30}, None)["x"].reshape(30, 8)
    assert set(np.unique(np.round(x * 7 / 2))) <= set(np.arange(-7.0, 8, 2))  # levels at odd multiples of half a step of 4/7
    square = (x.mean(0) - X[:, 0] / 2) ** 2 - x.var(0, ddof=1) / 30
    assert np.sqrt(max(0, square.mean())) == pytest.approx(json.loads(told.stdout)["result"]["chips"]["median"], rel=1e-5)
    model.runs, model.random_state = 30, seed
    assert model._asked(X, 30)[0][:, 0] == pytest.approx(x.mean(0), abs=1e-6)
