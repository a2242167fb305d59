"""Images judged: the figures are the program's, and what cannot be judged is refused."""
import json
import os
import subprocess

import numpy as np
import pytest
import swell


def write_idx(path, array):
    header = b"\0\0\x08" + bytes([array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    path.write_bytes(header + array.astype(np.uint8).tobytes())


def discs(count, seed):
    """Discs around random places, of a size for each class."""
    numbers = np.random.default_rng(seed)
    labels = np.arange(count) % 10
    row, column = np.mgrid[0:28, 0:28]
    at = numbers.normal(13.5, 3, (count, 2))
    distance = np.hypot(row - at[:, :1, None], column - at[:, 1:, None])
    return np.clip(255 * (2.5 + labels[:, None, None] / 2 - distance), 0, 255).astype(np.uint8), labels


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shared")
    (folder / "swell" / "mnist").mkdir(parents=True)
    for part, count, seed in (("train", 300, 1), ("t10k", 200, 2)):
        images, labels = discs(count, seed)
        write_idx(folder / "swell" / "mnist" / f"{part}-images-idx3-ubyte", images)
        write_idx(folder / "swell" / "mnist" / f"{part}-labels-idx1-ubyte", labels)
    return folder


def test_figures_are_those_of_the_program(shared, tmp_path, monkeypatch):
    program = os.environ.get("SWELL_PROGRAM")
    if program is None:
        pytest.skip("the program is not here")
    monkeypatch.setenv("XDG_DATA_HOME", str(shared))
    images, labels = discs(60, 3)
    levels = (images / 255.0).astype(np.float32)
    np.save(tmp_path / "samples.npy", levels)
    np.save(tmp_path / "labels.npy", labels)
    subprocess.run([program, "judge", tmp_path, "--noise", "0.05", "--resamples", "5", "--json", tmp_path / "all.json", "-q"],
                   check=True)
    expected = json.loads((tmp_path / "all.json").read_text())
    judged = swell.judge(levels, labels, noise=0.05, resamples=5)
    assert judged["result"] == expected["result"] and judged["references"] == expected["references"]
    assert judged["result"]["agreement"]["count"] == 60 and judged["references"][1]["what"] == "test images, noise 0.05"


def test_copies_are_found(shared):
    copies = discs(300, 1)[0][:50]
    result = swell.judge(copies, folder=shared / "swell" / "mnist", resamples=2)["result"]
    assert result["memorised"] and result["copied"]["value"] == 1 and result["agreement"] is None


def test_scales_are_told_apart(shared):
    images = discs(40, 3)[0]
    ask = dict(folder=shared / "swell" / "mnist", resamples=2)
    distance = swell.judge(images, **ask)["result"]["frechet_distance"]["value"]
    for same in (images / 255.0, 2 * (images / 255.0) - 1, images.reshape(40, 784) / 255.0):
        assert swell.judge(same, **ask)["result"]["frechet_distance"]["value"] == pytest.approx(distance, rel=1e-3)
    other = swell.judge(images / 255.0 + 3, range=(3, 4), **ask)
    assert other["result"]["frechet_distance"]["value"] == pytest.approx(distance, rel=1e-3)


def test_what_cannot_be_judged_is_refused(shared, tmp_path, monkeypatch):
    folder = shared / "swell" / "mnist"
    images = discs(20, 3)[0]
    for wrong, part in ((np.zeros((3, 5, 5)), "28 x 28"), (np.zeros((0, 28, 28)), "28 x 28|no image"), (images[:1], "at least 2"),
                        (np.full((2, 28, 28), 900.0), "black and white")):
        with pytest.raises(ValueError, match=part):
            swell.judge(wrong, folder=folder)
    with pytest.raises(ValueError, match="one for each"):
        swell.judge(images, [1, 2], folder=folder)
    with pytest.raises(ValueError, match="is 12"):
        swell.judge(images, [12] * 20, folder=folder)
    with pytest.raises(ValueError, match="mnist, fashion-mnist"):
        swell.judge(images, data="cifar", folder=folder)
    with pytest.raises(TypeError, match="noise"):
        swell.judge(images, folder=folder, loud=3)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    with pytest.raises(OSError, match="swell data mnist"):
        swell.judge(images)
