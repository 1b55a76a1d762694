"""A skip is a debt: CI turns those it could have run into failures."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOT

pytestmark = pytest.mark.slow

_EXAMPLE = """
import pytest

def test_that_runs():
    assert True

@pytest.mark.skipif(True, reason="REASON")
def test_that_skips():
    assert False
"""


def _run_in(folder: Path, reason: str, *, ci: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(ROOT / "tests" / "conftest.py", folder / "conftest.py")
    (folder / "test_example.py").write_text(_EXAMPLE.replace("REASON", reason), encoding="utf-8")
    surroundings = {**os.environ, "CI": ci}  # noqa: TID251 - a child process with one setting changed
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "."]
    return subprocess.run(
        command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False, timeout=60
    )


def test_a_skip_is_only_a_skip_at_the_desk(tmp_path: Path) -> None:
    done = _run_in(tmp_path, "apt-get install chromium", ci="")
    assert done.returncode == 0, done.stdout
    assert "1 passed, 1 skipped" in done.stdout


def test_the_same_skip_fails_in_ci(tmp_path: Path) -> None:
    done = _run_in(tmp_path, "apt-get install chromium", ci="true")
    assert done.returncode == 1, done.stdout
    assert "skipped where it could run" in done.stdout


@pytest.mark.parametrize("reason", ["no evidence folder: put one there", "only on macOS"])
def test_a_declared_skip_passes_in_ci(tmp_path: Path, reason: str) -> None:
    done = _run_in(tmp_path, reason, ci="true")
    assert done.returncode == 0, done.stdout
    assert "1 passed, 1 skipped" in done.stdout
