"""Images from noise: learned from arrays, the program's bytes, judged."""
import pickle
import subprocess

import numpy as np
import pytest
import swell


@pytest.fixture(scope="module")
def small():
    """4 x 4 pixels and 8 hidden units, with the protocols of the published design."""
    return swell.design("whitelam2026", visible=(4, 4), hidden=8)


@pytest.fixture(scope="module")
def bars():
    images = np.zeros((2, 4, 4))
    images[0, :, :2] = images[1, :2, :] = 1
    return images


@pytest.fixture(scope="module")
def trained(small, bars):
    return swell.Generator(small).fit(bars, [3, 5], tolerance=1e-3)


def test_images_are_made_and_judged(trained):
    samples = trained.sample(20, seed=3, film_samples=2, film_frames=10)
    assert samples.images.shape == (20, 4, 4) and samples.heat_kT.shape == (20,)
    assert set(samples.quality["class_counts"]) == {3, 5} and samples.film.shape[1:] == (2, 4, 4)
    assert samples.bill["device"]["heat"]["value"] == pytest.approx(samples.heat_kT.mean())


def test_a_machine_of_stages_makes_the_class_that_is_asked_for(bars, few_stages, tmp_path):
    design = swell.Design.parse(few_stages, "few")
    machine = swell.Generator(design).fit(bars, [0, 1], updates=500, rate=0.01, precision="f32")
    assert machine.trained.training["method"] == "score"
    samples = machine.sample(10, labels=[1], seed=2)
    np.testing.assert_array_equal(samples.labels, np.ones(10))
    assert np.abs(samples.images - (2 * bars[1] - 1)).mean() < 0.3
    np.testing.assert_array_equal(machine.sample(4, seed=2).labels, [0, 1, 0, 1])
    with pytest.raises(ValueError, match="class 2"):
        machine.sample(2, labels=[2])
    # Stages have potentials of their own, which a pickle keeps.
    built = machine.trained.machine
    stage = swell.Protocol("late").segment("last", 0.02, "stage6")
    ends = [np.asarray(swell.run(each, stage, dt=1e-4, trajectories=3, seed=1).states)
            for each in (built, pickle.loads(pickle.dumps(built)))]
    np.testing.assert_array_equal(*ends)
    # So does a file, with couplings in single precision.
    built.write(tmp_path / "stages.safetensors", [stage], dt=1e-4)
    again = swell.run(swell.read(tmp_path / "stages.safetensors"), "late", trajectories=3, seed=1)
    np.testing.assert_allclose(np.asarray(again.states), ends[0], atol=1e-3)


def test_bytes_and_floats_say_the_same(small, bars):
    floats = swell.Generator(small).fit(bars, tolerance=1e-3).trained
    for other in ((255 * bars).astype(np.uint8), bars.reshape(2, 16), 255 * bars):
        again = swell.Generator(small).fit(other, tolerance=1e-3).trained
        np.testing.assert_array_equal(again.machine.matrix("learned"), floats.machine.matrix("learned"))


def test_files_and_pickles_make_the_same_images(trained, program, tmp_path):
    path = tmp_path / "bars.safetensors"
    trained.write(path)
    expected = trained.sample(5, seed=2).images.tobytes()
    assert swell.Generator.read(path).sample(5, seed=2).images.tobytes() == expected
    assert pickle.loads(pickle.dumps(trained)).sample(5, seed=2).images.tobytes() == expected
    subprocess.run([program, "generate", path, "-n", "5", "--seed", "2", "-o", tmp_path / "out"], check=True,
                   capture_output=True)
    assert np.load(tmp_path / "out" / "samples.npy").astype(np.float32).tobytes() == expected


def test_another_step_is_the_programs(trained, program, tmp_path):
    trained.write(tmp_path / "m.safetensors")
    subprocess.run([program, "generate", tmp_path / "m.safetensors", "-n", "5", "--seed", "2", "--dt", "0.0005", "--film", "0",
                    "-o", tmp_path / "out", "--quiet"], check=True)
    finer = trained.sample(5, seed=2, dt=0.0005)
    assert np.array_equal(np.load(tmp_path / "out" / "samples.npy").reshape(finer.images.shape), finer.images)
    assert not np.array_equal(finer.images, trained.sample(5, seed=2).images)
    with pytest.raises(ValueError, match="multiple of dt"):
        trained.sample(2, dt=0.3)
    with pytest.raises(ValueError, match="dt"):
        trained.sample(2, dt=-1)


@pytest.mark.parametrize("images", [np.zeros((2, 5, 5)), np.zeros((0, 4, 4)), np.full((2, 4, 4), np.nan),
                                    np.full((2, 4, 4), -3.0), np.zeros(3), np.zeros((2, 4, 4)) + 1j, "images"])
def test_wrong_images_are_value_errors(small, images):
    with pytest.raises(ValueError):
        swell.Generator(small).fit(images)


def test_an_untrained_machine_says_so(small):
    with pytest.raises(ValueError, match="fit"):
        swell.Generator(small).sample(1)
    with pytest.raises(ValueError, match="whitelam2026"):
        swell.design("nothing")


@pytest.mark.parametrize("shape", [(16, 16), (3, 7), (1, 5)])
def test_images_of_any_size_are_learned(shape):
    images = np.zeros((2, *shape))
    images[0, :, :shape[1] // 2] = images[1, :, ::2] = 1
    generator = swell.Generator().fit(images, tolerance=1e-2)
    assert generator.trained.machine.groups == {"visible": shape, "hidden": (512,)}
    samples = generator.sample(6, seed=1)
    assert samples.images.shape == (6, *shape) and set(samples.quality["class_counts"]) <= {0, 1}
    if shape == (16, 16):  # noise alone has 0.06; a sample may be the negative of an image
        assert np.mean(np.abs(samples.quality["cosine"])) > 0.5
    assert generator.fit(np.eye(4)[None], tolerance=1e-1).sample(1).images.shape == (1, 4, 4)  # and again
    with pytest.raises(ValueError):
        swell.Generator("whitelam2026").fit(images)  # of the published machine itself


def test_a_design_has_other_sizes_and_nothing_else_changes():
    small = swell.design("whitelam2026", visible=(4, 4), hidden=8)
    by_hand = swell.design("whitelam2026").text.replace("[28, 28]", "[4, 4]").replace("[512]", "[8]")
    assert [a for a in zip(small.text.splitlines(), by_hand.splitlines()) if a[0] != a[1]] == [
        ('description = "whitelam2026 with visible 4 x 4, hidden 8"', 'description = "784 + 512 units that turn thermal noise into images"')]
    assert swell.design("phi4", field=[3, 5]).machine.units == 15
    assert swell.design("classifier", input=(8, 8), hidden=5, output=3).machine.groups == {"hidden": (5,), "output": (3,), "input": (8, 8)}
    assert np.count_nonzero(swell.design("phi4", field=(3, 4)).machine.matrix("neighbours")) == 4 * 12  # a torus of that size
    for wrong, words in (({"visibel": 3}, "no group 'visibel'; it has visible, hidden"), ({"hidden": 0}, "shape"), ({"hidden": 2.5}, "shape"),
                         ({"hidden": "many"}, "shape")):
        with pytest.raises((ValueError, TypeError), match=words):
            swell.design("whitelam2026", **wrong)
    with pytest.raises(ValueError, match="mine:.*J5"):
        swell.Design.parse(swell.design("phi4").text.replace("J4 = 1.0", "J5 = 1.0"), "mine")
    with pytest.raises(TypeError, match="the text of a design"):
        swell.Design.parse(3)
