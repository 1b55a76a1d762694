from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ashiato.engine.case import Case
from ashiato.engine.evidence.sealing import add_evidence
from ashiato.engine.exported import list_exports, record_export
from ashiato.engine.ledger import list_entries
from ashiato.engine.runs import Run, canonical_hash, find_answer, key_of, list_runs, open_run
from ashiato.engine.store import Store
from ashiato.engine.tables import Table
from ashiato.terms.errors import IntegrityError
from tests.engine.casework import flip_byte, log_lines, new_case


@pytest.fixture
def case(tmp_path: Path) -> Case:
    made = new_case(tmp_path / "case")
    (tmp_path / "a.log").write_bytes(log_lines(20))
    add_evidence(made, [tmp_path / "a.log"])
    return made


def _stage(run: Run, stage: str, rows: int = 3) -> None:
    with Store(run.folder) as store:
        store.write(Table(stage, "one row per number", {"n": "BIGINT"}, ("n",)), [(n,) for n in range(rows)])
    run.mark_done(stage, [stage])


def test_an_unfinished_run_of_the_same_inputs_is_resumed(case: Case) -> None:
    run = open_run(case, key_of(case))
    _stage(run, "reading")
    again = open_run(case, key_of(case))
    assert again.folder == run.folder
    assert again.is_done("reading")
    assert not again.is_done("events")


def test_what_a_killed_run_was_writing_is_removed(case: Case) -> None:
    run = open_run(case, key_of(case))
    _stage(run, "reading")
    (run.folder / ".events.4711.parquet").write_bytes(b"half")
    (run.folder / ".spill").mkdir()
    (run.folder / ".spill" / "1.tmp").write_bytes(b"spilled")
    again = open_run(case, key_of(case))
    assert list(again.folder.glob(".*")) == []
    assert again.is_done("reading")


def test_other_inputs_begin_a_new_run(case: Case, tmp_path: Path) -> None:
    first = open_run(case, key_of(case))
    (tmp_path / "b.log").write_bytes(log_lines(5, 500))
    add_evidence(case, [tmp_path / "b.log"])
    second = open_run(case, key_of(case))
    case.datamap_path.write_text("systems: {}\n")
    third = open_run(case, key_of(case))
    fourth = open_run(case, key_of(case, "spark"))
    assert [run.number for run in (first, second, third, fourth)] == [1, 2, 3, 4]
    assert [run.number for run in list_runs(case)] == [1, 2, 3, 4]


def test_a_finished_run_is_left_alone(case: Case) -> None:
    run = open_run(case, key_of(case))
    assert find_answer(case) is None
    _stage(run, "reading")
    with Store(run.folder) as store:
        digest = run.finish(store, {"people": 0})
    assert run.finished == digest == list_entries(case.folder, "investigate")[0]["hash"]
    assert open_run(case, key_of(case)).number == 2
    answer = find_answer(case)
    assert answer is not None
    assert answer.number == 1


def test_a_stage_whose_table_changed_is_not_done(case: Case) -> None:
    run = open_run(case, key_of(case))
    _stage(run, "reading")
    flip_byte(run.folder / "reading.parquet", 40)
    assert not run.is_done("reading")
    (run.folder / "reading.parquet").unlink()
    assert not run.is_done("reading")


def test_a_damaged_marker_is_told_by_name(case: Case) -> None:
    run = open_run(case, key_of(case))
    _stage(run, "reading")
    (run.folder / "reading.done.json").write_text("{")
    with pytest.raises(IntegrityError, match=r"runs/0001/reading\.done\.json"):
        run.is_done("reading")


_CELLS = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=6))


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(rows=st.lists(st.tuples(_CELLS, st.none() | st.integers(-(2**63), 2**63 - 1)), max_size=12))
def test_the_canonical_hash_is_that_of_the_sorted_csv(tmp_path: Path, rows: list[tuple[Any, ...]]) -> None:
    with Store(tmp_path / "store") as store:
        schema = pa.schema([("text", pa.string()), ("n", pa.int64())])
        store.write_as(
            "t", pa.table([list(column) for column in zip(*rows, strict=True)] or [[], []], schema)
        )
        assert canonical_hash(store, "t") == hashlib.sha256(_canonical_csv(rows)).hexdigest()


def _canonical_csv(rows: list[tuple[Any, ...]]) -> bytes:
    """The canonical form by the standard library: NULL last, text by its UTF-8 bytes."""

    def place(row: tuple[Any, ...]) -> tuple[Any, ...]:
        text, number = row
        return (text is None, (text or "").encode(), number is None, number or 0)

    held = io.StringIO()
    writer = csv.writer(held, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["text", "n"])
    for row in sorted(rows, key=place):
        cells = ["" if cell is None else '"' + str(cell).replace('"', '""') + '"' for cell in row]
        held.write(",".join(cells) + "\n")
    return held.getvalue().encode()


def test_an_export_is_noted_beside_its_run(case: Case, tmp_path: Path) -> None:
    run = open_run(case, key_of(case))
    out = tmp_path / "out"
    out.mkdir()
    (out / "persons.csv").write_text("system,table\n")
    record_export(run, out, ["persons.csv"])
    folder, files = list_exports(case)[0].read()
    assert folder == out
    assert files["persons.csv"].sha256 == hashlib.sha256(b"system,table\n").hexdigest()
