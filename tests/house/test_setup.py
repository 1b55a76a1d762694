"""Setting up on a bare machine: uv is found, or put into the checkout, or the missing package is named."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOT

_PYTHON_WITHOUT_ANYTHING = "#!/bin/sh\nexit 1\n"
_REAL_PYTHON = f'#!/bin/sh\nexec {sys.executable} "$@"\n'
_NOBODY = "#!/bin/sh\necho 1000\n"


def _uv(version: str) -> str:
    return f'#!/bin/sh\nif [ "$1" = --version ]; then echo "uv {version}"; else echo "$@" >> called; fi\n'


class Machine:
    """A checkout with nothing but the set-up script, and a PATH with nothing but what a test puts there."""

    def __init__(self, folder: Path) -> None:
        """Lay the script out under ``folder``."""
        self.folder = folder
        self.programs = folder / "programs"
        self.programs.mkdir()
        (folder / "scripts").mkdir()
        shutil.copy(ROOT / "scripts" / "setup", folder / "scripts" / "setup")
        (self.programs / "dirname").symlink_to(shutil.which("dirname") or "/usr/bin/dirname")
        (self.programs / "id").write_text(_NOBODY)
        (self.programs / "id").chmod(0o755)

    def install(self, name: str, script: str) -> None:
        """Put a program on the PATH."""
        (self.programs / name).write_text(script)
        (self.programs / name).chmod(0o755)

    def set_up(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the script with that PATH and no home folder."""
        return subprocess.run(
            ["/bin/sh", "scripts/setup", *words],
            cwd=self.folder,
            env={"PATH": str(self.programs)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    @property
    def called(self) -> list[str]:
        """What uv was asked to do."""
        return (self.folder / "called").read_text().splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A bare machine."""
    return Machine(tmp_path)


def test_without_python_the_package_is_named(machine: Machine) -> None:
    done = machine.set_up()
    assert done.returncode == 1
    assert "apt-get install python3" in done.stderr


def test_a_python_that_can_do_nothing_names_the_package(machine: Machine) -> None:
    machine.install("python3", _PYTHON_WITHOUT_ANYTHING)
    done = machine.set_up()
    assert done.returncode == 1
    assert "sudo apt-get install python3-venv" in done.stderr


def test_a_uv_on_the_path_is_used_and_the_lock_obeyed(machine: Machine) -> None:
    machine.install("python3", _REAL_PYTHON)
    machine.install("uv", _uv("0.13.9 (x86_64)"))
    assert machine.set_up("run").returncode == 0
    assert machine.set_up().returncode == 0
    assert machine.called == [
        "sync --quiet --frozen --inexact --no-dev --extra server",
        "sync --quiet --frozen --inexact --extra spark --extra server --extra ses",
    ]


def test_a_uv_too_old_for_the_lock_is_passed_over(machine: Machine) -> None:
    machine.install("python3", _REAL_PYTHON)
    machine.install("uv", "#!/bin/sh\necho uv 0.4.30\n")
    (machine.folder / ".uv" / "bin").mkdir(parents=True)
    own = machine.folder / ".uv" / "bin" / "uv"
    own.write_text(_uv("0.20.0"))
    own.chmod(0o755)
    assert machine.set_up("run").returncode == 0
    assert machine.called == ["sync --quiet --frozen --inexact --no-dev --extra server"]


def test_an_unknown_word_is_refused(machine: Machine) -> None:
    machine.install("python3", _REAL_PYTHON)
    machine.install("uv", _uv("0.13.9"))
    done = machine.set_up("everything")
    assert done.returncode == 2
    assert "'everything' is neither run nor test" in done.stderr


def test_make_alone_lists_every_target() -> None:
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    for target in ("demo", "test", "check", "bench", "corpus", "journey", "docs"):
        assert f"make {target} " in done.stdout


@pytest.mark.parametrize("script", [".ci/run", "scripts/setup"])
def test_the_scripts_can_be_run_and_parsed(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    subprocess.run(["bash", "-n", ROOT / script], check=True)


_NODE = (
    '#!/bin/sh\nif [ "$1" = --version ]; then echo v20.1.0; else echo "node $@" >> calls; mkdir -p "$2"; fi\n'
)
_NPM = '#!/bin/sh\necho "npm $@" >> calls\n'


def _pages(folder: Path) -> Machine:
    """A checkout with the console's sources, a Node that notes what it is asked, and nothing built."""
    machine = Machine(folder)
    shutil.copy(ROOT / "scripts" / "frontend", folder / "scripts" / "frontend")
    (folder / "frontend" / "src").mkdir(parents=True)
    for name in ("package-lock.json", "build.mjs", "src/console.js"):
        (folder / "frontend" / name).write_text("{}")
    for program in ("mkdir", "sh"):
        (machine.programs / program).symlink_to(shutil.which(program) or f"/bin/{program}")
    machine.install("python3", _REAL_PYTHON)
    machine.install("uv", _uv("0.20.0"))
    return machine


def test_pages_are_built_once_for_each_change(tmp_path: Path) -> None:
    machine = _pages(tmp_path)
    machine.install("node", _NODE)
    machine.install("npm", _NPM)
    calls = tmp_path / "frontend" / "calls"
    for _ in range(2):
        assert machine.set_up("run").returncode == 0
        assert [line.split()[0] for line in calls.read_text().splitlines()] == ["npm", "node"]
    (tmp_path / "frontend" / "src" / "console.js").write_text("{ }")
    assert machine.set_up("run").returncode == 0
    assert len(calls.read_text().splitlines()) == 4


def test_a_registry_out_of_reach_is_told(tmp_path: Path) -> None:
    machine = _pages(tmp_path)
    machine.install("node", _NODE)
    machine.install("npm", "#!/bin/sh\nexit 1\n")
    done = machine.set_up("run")
    assert done.returncode == 1
    assert "could not be fetched from npm" in done.stderr
    assert "sudo apt-get install nodejs npm" in done.stderr
