"""Docstrings run, the package is typed, the README's example runs."""
import doctest
import functools
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
           "swell._dimod", "swell._errors", "swell._calibration", "swell.linalg", "swell.route", "swell.learn", "swell.plot", "swell.hardware",
           "swell.entropy"]
ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", MODULES)
def test_docstrings_run(name):
    if name == "swell.plot":
        pytest.importorskip("matplotlib").use("Agg")
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0


def public():
    """(name, object) of every public class and function, and of the methods and properties of these classes, inherited ones of
    the extension among them."""
    for module in (swell, swell.linalg, swell.route, swell.learn, swell.plot, swell.hardware, swell.entropy):
        for name in module.__all__:
            thing = getattr(module, name)
            if inspect.ismodule(thing) or name == "__version__":
                continue
            yield f"{module.__name__}.{name}", thing
            for own, part in inspect.getmembers(thing) if inspect.isclass(thing) else ():
                home = next(kind for kind in thing.__mro__ if own in vars(kind))
                if not own.startswith("_") and home.__module__.startswith("swell") and own not in (thing._fields if issubclass(thing, tuple) else ()) \
                        and own != "set_score_request":  # which scikit-learn puts there
                    if inspect.isroutine(part) or inspect.isdatadescriptor(part):
                        yield f"{module.__name__}.{name}.{own}", part


def test_everything_public_is_documented():
    assert [name for name, thing in public() if not (thing.__doc__ or "").strip()] == []
    assert len(list(public())) > 150


def is_property_of_the_extension(thing):
    return isinstance(thing, property) and not inspect.isfunction(thing.fget)


def test_everything_public_has_an_example():
    """Properties that the extension describes in a line are shown by the example of their class."""
    lacking = [name for name, thing in public() if ">>>" not in (thing.__doc__ or "")
               and not is_property_of_the_extension(thing)]
    assert lacking == []


def test_every_call_says_what_can_go_wrong():
    calls = [(name, thing) for name, thing in public() if inspect.isroutine(thing)]
    assert len(calls) > 70
    assert [name for name, thing in calls if "Raises" not in thing.__doc__ and not re.search(r"[A-Za-z]Error|[Nn]o errors", thing.__doc__)] == []


@pytest.mark.parametrize("name", ["entropy.Source", "entropy.Source.status", "entropy.Source.close", "hardware_threads"])
def test_docstrings_of_the_extension_run(name):
    thing = functools.reduce(getattr, name.split("."), swell)
    test = doctest.DocTestParser().get_doctest(inspect.cleandoc(thing.__doc__), {}, name, None, 0)
    assert test.examples and doctest.DocTestRunner().run(test).failed == 0


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
