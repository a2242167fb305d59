#!/ usr / bin / env python3
"""The program as a stranger uses it: exit codes, messages, files. Usage: cli_test.py PROGRAM SOURCE_DIR"""

import gzip
import json
import os
import pathlib
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM, SOURCE = (pathlib.Path(p).resolve() for p in sys.argv[1:3])
DESIGN = SOURCE / "tests/fuzz/corpus/design/tiny.toml"


def swell(*arguments, **keywords):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=300, **keywords)


def idx(shape, values):
    return bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}i", *shape) + bytes(values)


class Cli(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        first = [255 if column < 2 else 0 for row in range(4) for column in range(4)]
        second = [255 if row < 2 else 0 for row in range(4) for column in range(4)]
        self.images = self.folder / "images.idx.gz"
        self.images.write_bytes(gzip.compress(idx((2, 4, 4), first + second)))
        self.labels = self.folder / "labels.idx"
        self.labels.write_bytes(idx((2,), [3, 8]))
        self.model = self.folder / "model.safetensors"

    def train(self, *more, design=DESIGN, data=None, output=None):
        return swell("train", design, "--data", data or f"{self.images}:{self.labels}", "-o", output or self.model, *more)

    def refused(self, result, code, *parts):
        self.assertEqual(result.returncode, code, result.stderr)
        self.assertTrue(result.stderr.startswith("swell: "), result.stderr)
        for part in parts:
            self.assertIn(str(part), result.stderr)

    def test_version_help_and_reference(self):
        self.assertIn("0.1.0", swell("--version").stdout)
        for command in ("demo", "train", "generate", "inspect", "data"):
            self.assertEqual(swell(command, "--help").returncode, 0)
        self.assertEqual(swell("reference").stdout, (SOURCE / "docs/commands.md").read_text())

    def test_train_generate_inspect(self):
        self.assertEqual(self.train("--json", self.folder / "t.json").returncode, 0)
        training = json.loads((self.folder / "t.json").read_text())["training"]
        self.assertEqual(training["images"], 2)
        self.assertLessEqual(training["residual"], 1.01e-6)
        outputs = {}
        for threads in (1, 2, 7):
            out = self.folder / f"out{threads}"
            self.assertEqual(swell("generate", self.model, "-n", "50", "-o", out, "--threads", threads).returncode, 0)
            outputs[threads] = (out / "samples.npy").read_bytes()
        self.assertEqual(outputs[1], outputs[2])
        self.assertEqual(outputs[1], outputs[7])
        self.assertIn(b"'shape': (50, 4, 4)", outputs[1][:128])
        self.assertTrue((out / "grid.png").read_bytes().startswith(b"\x89PNG"))
        self.assertTrue((out / "couplings.png").read_bytes().startswith(b"\x89PNG"))
        self.assertTrue((out / "movie.gif").read_bytes().startswith(b"GIF89a"))
        report = json.loads((out / "report.json").read_text())
        self.assertEqual(set(report["generation"]["class_counts"]), {"3", "8"})
        joule = report["bill"]["device_per_image"]["heat_joule"]["mean"]
        self.assertAlmostEqual(joule / (report["generation"]["heat_kT"]["mean"] * 1.380649e-23 * 300), 1, places=9)
        self.assertEqual(swell("inspect", self.model, "-o", self.folder / "c.png").returncode, 0)
        self.assertEqual(swell("generate", self.model, "-n", "3", "-o", out, "--engine", "reference", "--bits", "4").returncode, 0)

    def test_gradient(self):
        self.assertEqual(self.train("--method", "gradient", "--updates", "20", "--json", self.folder / "t.json").returncode, 0)
        self.assertEqual(len(json.loads((self.folder / "t.json").read_text())["training"]["curve"]), 20)

    def test_demo_json_has_what_others_rely_on(self):
        result = swell("demo", "--quick", "-o", self.folder / "demo", "--json", "-")
        self.assertEqual(result.returncode, 0, result.stderr)
        report = json.loads(result.stdout)
        for key in ("command", "version", "seed", "threads", "training", "generation", "bill"):
            self.assertIn(key, report)
        for key in ("method", "images", "residual", "wall_s"):
            self.assertIn(key, report["training"])
        for key in ("samples", "wall_s", "unit_steps_per_s", "heat_kT", "nearest_cosine", "class_counts"):
            self.assertIn(key, report["generation"])
        self.assertGreater(report["generation"]["nearest_cosine"]["mean"], 0.7)
        self.assertIn("</html>", (self.folder / "demo/report.html").read_text())

    def test_wrong_words(self):
        self.refused(swell("trian"), 2)
        self.refused(swell("generate", "x", "-o", "y", "--smaples", "3"), 2, "--smaples")
        self.refused(swell("generate", "x", "-o", "y", "-n", "0"), 2)
        self.refused(swell("data", "mnits"), 2, "mnist")

    def test_wrong_designs(self):
        bad = self.folder / "bad.toml"
        bad.write_text(DESIGN.read_text().replace("duration = 0.5\ncouplings", "duratoin = 0.5\ncouplings"))
        self.refused(self.train(design=bad), 2, "bad.toml", "duration")
        bad.write_text(DESIGN.read_text().replace("kT = 0.1", "kT = nan"))
        self.refused(self.train(design=bad), 2, "bad.toml:2", "kT", "finite")
        self.refused(self.train(design=self.folder / "none.toml"), 3, "none.toml")

    def test_wrong_data(self):
        self.refused(self.train(data=self.folder / "none.idx"), 3, "none.idx")
        self.refused(self.train(data=self.labels), 3, "labels")
        (self.folder / "cut.idx").write_bytes(idx((2, 4, 4), range(32))[:30])
        self.refused(self.train(data=self.folder / "cut.idx"), 3, "cut.idx")
        (self.folder / "small.idx").write_bytes(idx((1, 2, 2), range(4)))
        self.refused(self.train(data=self.folder / "small.idx"), 2, "2 x 2", "16")
        self.refused(self.train("--classes", "5"), 2, "class 5")
        self.refused(self.train("--images", "2"), 2, "0 to 1")

    def test_wrong_models(self):
        out = self.folder / "out"
        self.refused(swell("generate", self.folder / "none", "-o", out), 3, "none")
        self.model.write_text("hello, this is not a model")
        self.refused(swell("generate", self.model, "-o", out), 3, "model.safetensors")
        self.assertEqual(self.train().returncode, 0)
        self.model.write_bytes(self.model.read_bytes()[:-10])
        self.refused(swell("generate", self.model, "-o", out), 3, "model.safetensors")
        self.assertFalse(out.exists())

    def test_outputs_that_cannot_be_written(self):
        (self.folder / "file").write_text("")
        for output in (self.folder / "file/model", "/proc/model", self.folder):
            self.refused(self.train(output=output), 3, output)
        self.assertEqual(self.train().returncode, 0)
        self.refused(swell("generate", self.model, "-o", self.folder / "file/out"), 3, "file/out")

    def test_a_full_disk_leaves_no_half_file(self):
        def small_disk():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))

        result = swell("train", DESIGN, "--data", self.images, "-o", self.model, preexec_fn=small_disk)
        self.refused(result, 3, "model.safetensors")
        self.assertEqual({p.name for p in self.folder.iterdir()}, {"images.idx.gz", "labels.idx"})

    def interrupt(self, *arguments):
        process = subprocess.Popen([PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=120)
        return process.returncode, output + errors

    def test_interrupts_end_cleanly(self):
        self.assertEqual(self.train().returncode, 0)
        code, said = self.interrupt("generate", self.model, "-n", "3000000", "-o", self.folder / "out", "--film", "0")
        self.assertEqual(code, 130, said)
        self.assertIn("interrupted", said)
        self.assertEqual(list((self.folder / "out").iterdir()), [])
        kept = self.folder / "kept.safetensors"
        code, said = self.interrupt("train", DESIGN, "--data", self.images, "-o", kept, "--method", "gradient", "--updates", "1000000")
        self.assertEqual(code, 130, said)
        self.assertIn("is kept", said)
        self.assertEqual(swell("inspect", kept).returncode, 0)


if __name__ == "__main__":
    os.environ.pop("XDG_DATA_HOME", None)
    unittest.main(argv=[sys.argv[0], "-v"])
