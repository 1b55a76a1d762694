"""Forms made by processes of our own: the same table, in the same order, also where one of them dies."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ashiato.engine.people import forming
from tests.engine.people.registers import Matched, match_register

pytestmark = pytest.mark.slow
#: Begins its answer as it should, and ends before the first record.
_ENDS_EARLY = """
import os, sys
import pyarrow as pa
from ashiato.engine.people.forming import SCHEMA
with os.fdopen(0, "rb", closefd=False) as given, pa.ipc.open_stream(given) as reader:
    reader.read_all()
os.write(1, SCHEMA.serialize().to_pybytes())
"""
_ROWS = [
    (f"{n:03}", f"髙橋 {'一二三四五'[n % 5]}郎", "タカハシ イチロウ", "M", f"S{n % 60 + 1}.1.2", f"090{n:08}")
    for n in range(90)
]


@pytest.fixture
def matched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Matched]:
    def after(many: int) -> Matched:
        monkeypatch.setattr(forming, "_ROWS_EACH", 7)
        monkeypatch.setattr(forming, "MANY_ROWS", many)
        (tmp_path / f"{many}").mkdir()
        return match_register(tmp_path / f"{many}", _ROWS)

    return after


def test_processes_make_the_same_table(matched: Callable[[int], Matched]) -> None:
    assert matched(14) == matched(1_000)


def test_a_process_that_dies_costs_no_record(
    matched: Callable[[int], Matched], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = matched(1_000)
    begun: list[subprocess.Popen[bytes]] = []
    start = forming._start

    def dying() -> subprocess.Popen[bytes]:
        begun.append(start())
        begun[0].kill()
        return begun[-1]

    monkeypatch.setattr(forming, "_start", dying)
    assert matched(21) == alone
    assert [process.poll() is None for process in begun] == [False, False], "none outlives its work"


def test_an_answer_that_ends_early_costs_no_record(
    matched: Callable[[int], Matched], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = matched(1_000)
    monkeypatch.setattr(forming, "_SERVE", _ENDS_EARLY)
    assert matched(21) == alone
