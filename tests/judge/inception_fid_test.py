#!/usr/bin/env python3
"""scripts/inception_fid.py with its stand-in network: the steps of the protocol, its answer, its refusals.

Exit code 77 where NumPy is missing. Where torch is there, the resizing is held against torch's.
"""

import contextlib
import importlib.util
import io
import json
import pathlib
import sys
import tempfile
import unittest

try:
    import numpy as np
except ImportError:
    print("skipped: NumPy is missing")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
spec = importlib.util.spec_from_file_location("inception_fid", ROOT / "scripts" / "inception_fid.py")
fid = importlib.util.module_from_spec(spec)
spec.loader.exec_module(fid)


def blobs(count, seed):
    """Bright discs at random places, as bytes."""
    numbers = np.random.default_rng(seed)
    row, column = np.mgrid[0:28, 0:28]
    at = numbers.uniform(8, 20, (count, 2))
    square = (row - at[:, :1, None]) ** 2 + (column - at[:, 1:, None]) ** 2
    return (255 * np.exp(-square / 20)).astype(np.uint8)


class InceptionFid(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.place.name)
        self.images = blobs(300, 1)
        header = b"\0\0\x08\x03" + b"".join(n.to_bytes(4, "big") for n in self.images.shape)
        (self.folder / "train-images-idx3-ubyte").write_bytes(header + self.images.tobytes())

    def tearDown(self):
        self.place.cleanup()

    def answer(self, images, *more):
        np.save(self.folder / "samples.npy", images)
        out, err = io.StringIO(), io.StringIO()
        words = [str(self.folder / "samples.npy"), "--data", str(self.folder), "--network", "stand-in", *more]
        words += [] if "--size" in more else ["--size", "64"]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = fid.main(words)
        return code, out.getvalue(), err.getvalue()

    def distance(self, images, *more):
        code, out, err = self.answer(images, *more)
        self.assertEqual(code, 0, err)
        return json.loads(out)["frechet_distance"]

    def test_distance_of_the_data_to_itself_is_zero_on_any_scale(self):
        self.assertLess(abs(self.distance(self.images)), 1e-5)
        self.assertLess(abs(self.distance(self.images / 255.0)), 1e-5)
        self.assertLess(abs(self.distance(2 * (self.images / 255.0) - 1)), 1e-5)

    def test_other_images_are_farther(self):
        same_law = self.distance(blobs(300, 2))
        turned = self.distance(255 - self.images)
        self.assertGreater(turned, 20 * same_law)
        self.assertGreater(same_law, 0)

    def test_answer_says_what_it_is_of(self):
        np.save(self.folder / "labels.npy", np.zeros(300, np.int64))
        free = json.loads(self.answer(self.images, "--size", "256")[1])
        self.assertEqual((free["samples"], free["reference_images"], free["features"]), (300, 300, 64))
        self.assertEqual((free["generation"], free["binarised_at"], free["resized_to"]), ("free", 0.1, 256))
        self.assertFalse(free["samples_as_published"])
        clamped = json.loads(self.answer(self.images, "--labels", str(self.folder / "labels.npy"))[1])
        self.assertEqual(clamped["generation"], "label-clamped")

    def test_images_are_binarised_enlarged_and_centred(self):
        x = np.zeros((1, 28, 28), np.float32)
        x[0, 14, 14], x[0, 0, 0] = 0.11, 0.1
        seen = fid.prepared(x, 0.1, 256)
        self.assertEqual(seen.shape, (1, 3, 256, 256))
        self.assertEqual((seen.min(), seen[0, 0, 0, 0]), (-1, -1))  # 0.1 is not above 0.1
        self.assertGreater(seen.max(), 0.8)
        self.assertTrue((seen[:, 0] == seen[:, 2]).all())
        self.assertAlmostEqual(float((seen + 1).sum() / 3 / 2), (256 / 28) ** 2, delta=0.5)  # its area grows along

    def test_resizing_is_that_of_torch(self):
        try:
            import torch
        except ImportError:
            self.skipTest("torch is missing")
        x = np.random.default_rng(1).uniform(size=(2, 28, 28)).astype(np.float32)
        theirs = torch.nn.functional.interpolate(
            torch.from_numpy(x)[:, None], (256, 256), mode="bilinear", antialias=True, align_corners=False)
        np.testing.assert_allclose(fid.prepared(x, -1, 256)[:, 0], 2 * theirs[:, 0].numpy() - 1, atol=1e-5)

    def test_distance_of_normal_laws_has_its_closed_form(self):
        numbers = np.random.default_rng(1).normal(size=(4000, 3))
        a = (numbers - numbers.mean(0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(numbers, rowvar=False))).T
        b = a * [1, 2, 3] + [0, 1, 0]
        self.assertAlmostEqual(fid.frechet_distance(a, b), 1 + 1 + 4, places=9)

    def test_what_cannot_be_judged_is_refused(self):
        for images, part in ((np.zeros((3, 8, 8)), "28 x 28"), (np.full((3, 28, 28), np.nan), "finite"),
                             (np.zeros((1, 28, 28)), "at least 2"), (np.full((3, 28, 28), 70.0), "0 to 1")):
            code, _, err = self.answer(images)
            self.assertEqual(code, 2)
            self.assertIn(part, err)


if __name__ == "__main__":
    unittest.main()
