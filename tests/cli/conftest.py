from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ashiato.cli.main import app
from ashiato.engine.api import Case
from tests.cli.sample_case import make_case


@pytest.fixture
def run() -> Callable[..., Result]:
    """Run the command line in this process; standard output and error are told apart."""
    runner = CliRunner()
    return lambda *words: runner.invoke(app, [str(word) for word in words])


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A case with a finished run."""
    return make_case(tmp_path)
