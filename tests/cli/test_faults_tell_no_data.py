from __future__ import annotations

import errno
import stat
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from typer.testing import Result

from ashiato.engine.api import Case
from ashiato.engine.store import Station, Store
from ashiato.terms.errors import EngineError

Run = Callable[..., Result]
QUOTED = "Aoi Mori \x1b]0;owned\x07 4711"


def _raise(error: Exception) -> Callable[..., None]:
    def failing(*_: object, **__: object) -> None:
        raise error

    return failing


@pytest.fixture
def told(
    run: Run, case: Case, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> tuple[Result, Case]:
    """What `investigate` says when the engine raises the test's error."""
    error = getattr(request, "param", None) or ValueError(QUOTED)
    monkeypatch.setattr("ashiato.engine.api.investigate_case", _raise(error))
    return run("investigate", case.folder), case


def test_unforeseen_fault_has_its_own_exit_code(told: tuple[Result, Case]) -> None:
    result, case = told
    assert result.exit_code == 8
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert f"error: {case.folder}: a fault in the program itself: ValueError at ashiato.cli." in result.stderr
    assert "the case is whole" in result.stderr


def test_detail_file_is_private_and_names_places_only(told: tuple[Result, Case]) -> None:
    result, case = told
    (kept,) = (case.folder / "faults").iterdir()
    assert str(kept) in result.stderr
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    text = kept.read_text()
    assert "ashiato.cli.investigate:" in text
    for word in ("Aoi", "4711", "\x1b", str(case.folder)):
        assert word not in text
    assert "Aoi" not in result.stderr


def test_detail_file_is_no_fault_of_the_case(run: Run, told: tuple[Result, Case]) -> None:
    _, case = told
    assert "faults" not in run("verify", case.folder).stdout


@pytest.mark.parametrize("told", [OSError(errno.ENOSPC, "raw", "/case/runs/x")], indirect=True)
def test_full_disk_is_said_in_plain_words(told: tuple[Result, Case]) -> None:
    result, case = told
    assert result.exit_code == 8
    assert "/case/runs/x: the machine refuses: No space left on device" in result.stderr
    assert "fix: make room" in result.stderr
    assert not (case.folder / "faults").exists()


@pytest.mark.parametrize("told", [KeyboardInterrupt()], indirect=True)
def test_interrupted_run_says_how_to_go_on(told: tuple[Result, Case]) -> None:
    result, _ = told
    assert result.exit_code == 130
    assert "run the same command again" in result.stderr


def test_fault_without_a_case_keeps_no_file(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ashiato.datamap.check.check_datamap", _raise(KeyError(QUOTED)))
    result = run("datamap", "check", tmp_path / "map.yaml")
    assert result.exit_code == 8
    assert "KeyError at ashiato." in result.stderr
    assert "Aoi" not in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_engine_refusal_quotes_no_value(tmp_path: Path) -> None:
    hostile = QUOTED.replace("'", "''")
    with Store(tmp_path / "run") as store, pytest.raises(EngineError) as refused:
        store.run(Station("made", f"SELECT CAST('{hostile}' AS INTEGER) AS number"))
    assert str(refused.value) == "the engine cannot make the table made (ConversionException)"
    assert isinstance(refused.value.__cause__, duckdb.ConversionException)
