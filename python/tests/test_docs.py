"""Docstrings run, the package is typed, the README's example runs."""
import doctest
import importlib
import inspect
import os
import pathlib
import re
import subprocess
import sys

import pytest
import swell

MODULES = ["swell", "swell._machines", "swell._protocols", "swell._runs", "swell._designs", "swell._generator", "swell._judge", "swell._search",
           "swell._dimod", "swell._errors", "swell.linalg", "swell.route", "swell.learn", "swell.plot"]
ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", MODULES)
def test_docstrings_run(name):
    if name == "swell.plot":
        pytest.importorskip("matplotlib").use("Agg")
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0


def test_everything_public_is_documented():
    for name in swell.__all__:
        if name != "__version__":
            assert getattr(swell, name).__doc__, name
    for module in (swell.linalg, swell.route, swell.learn, swell.plot):
        for name in module.__all__:
            assert getattr(module, name).__doc__, f"{module.__name__}.{name}"


def public():
    """(name, object) of every public class, function and method."""
    for module in (swell, swell.linalg, swell.route, swell.learn, swell.plot):
        for name in module.__all__:
            thing = getattr(module, name)
            if inspect.ismodule(thing) or name == "__version__":
                continue
            yield f"{module.__name__}.{name}", thing
            for own, method in vars(thing).items() if inspect.isclass(thing) else ():
                method = getattr(method, "__func__", method)
                if not own.startswith("_") and inspect.isfunction(method):
                    yield f"{module.__name__}.{name}.{own}", method


def test_everything_public_has_an_example():
    lacking = [name for name, thing in public() if ">>>" not in (thing.__doc__ or "")]
    assert lacking == ["swell.hardware_threads"]  # of the extension, where doctest does not look


@pytest.mark.parametrize("page", ["README.md", "docs/python.md"])
def test_examples_of_the_pages_run(page, tmp_path, monkeypatch):
    pytest.importorskip("matplotlib").use("Agg")
    monkeypatch.chdir(tmp_path)
    if not (ROOT / page).exists():
        pytest.skip("not in a source tree")
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.S)
    assert blocks
    for block in blocks:
        exec(compile(block, page, "exec"), {})


def test_the_readme_example_is_short():
    if not (ROOT / "README.md").exists():
        pytest.skip("not in a source tree")
    block = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S).group(1)
    assert len([line for line in block.splitlines() if line.strip()]) <= 25


def test_the_stub_is_that_of_the_extension():
    pytest.importorskip("nanobind")
    maker = ROOT / "python" / "make_stub.py"
    if not maker.exists():
        pytest.skip("not in a source tree")
    done = subprocess.run([sys.executable, maker, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_package_passes_the_type_checker(tmp_path):
    pytest.importorskip("mypy")
    package = pathlib.Path(swell.__file__).parent
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--ignore-missing-imports", "--cache-dir", tmp_path, "-p",
                           "swell"], capture_output=True, text=True, env=os.environ | {"MYPYPATH": str(package.parent)})
    assert done.returncode == 0, done.stdout


def test_examples_pass_the_type_checker(tmp_path):
    pytest.importorskip("mypy")
    if not (ROOT / "docs/python.md").exists():
        pytest.skip("not in a source tree")
    package = pathlib.Path(swell.__file__).parent
    for number, page in enumerate(("README.md", "docs/python.md")):
        for k, block in enumerate(re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.S)):
            (tmp_path / f"block_{number}_{k}.py").write_text(block)
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--ignore-missing-imports", "--follow-imports", "silent",
                           "--cache-dir", tmp_path / "cache",
                           *tmp_path.glob("block_*.py")], capture_output=True, text=True, env=os.environ | {"MYPYPATH": str(package.parent)})
    assert done.returncode == 0, done.stdout
