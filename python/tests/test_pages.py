"""The Python of the site's pages runs. (That of README.md and docs/python.md: test_docs.py; that of the tutorials: `make docs`.)"""
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def blocks(page):
    if not (DOCS / page).exists():
        pytest.skip("not in a source tree")
    found = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(), re.S)
    assert found
    return found


@pytest.mark.parametrize("page", ["start.md", "howto/long_runs.md", "howto/own_pictures.md", "howto/sklearn_dimod.md"])
def test_examples_of_the_pages_run(page, tmp_path, monkeypatch):
    for needed in ("sklearn", "dimod"):
        pytest.importorskip(needed)
    monkeypatch.chdir(tmp_path)
    for block in blocks(page):
        exec(compile(block, page, "exec"), {})


def test_output_files_are_read_as_the_page_says(program, tmp_path, monkeypatch):
    found = blocks("howto/output_files.md")
    monkeypatch.chdir(tmp_path)
    for folder in ("designs", "examples"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    for command in re.findall(r"^    swell (.*)$", (DOCS / "howto/output_files.md").read_text(), re.M):
        subprocess.run([program, *command.split(), "--quick"], check=True, capture_output=True)
    for block in found:
        if "safetensors" not in block:  # a package that nothing else here needs
            exec(compile(block, "output_files.md", "exec"), {})
