from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.datamap.model import DataMap
from ashiato.engine import events, evidence, reading
from ashiato.engine.case import Case, open_case
from ashiato.engine.evidence.sealing import add_evidence
from ashiato.engine.runs import key_of, open_run
from ashiato.engine.store import Store
from ashiato.engine.tables import ALL_TABLES, EVENTS, EXPOSURES, PROOFS, RECORDS, WITNESSES, Table
from ashiato.engine.verifying import Problem, verify_case
from ashiato.engine.verifying.citations import Citation, read_excerpt
from ashiato.engine.verifying.sample import check_sample
from ashiato.engine.workspace import Workspace
from tests.engine.casework import flip_byte, log_lines, new_case, packed

Rows = list[dict[str, Any]]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Two access logs, one longer than what formats are recognised by, as far as their events."""
    folder = tmp_path_factory.mktemp("read")
    made = new_case(folder / "case")
    logs = folder / "logs"
    logs.mkdir()
    (logs / "access.log").write_bytes(log_lines(700) + b"\n\nnot a log line\n" + log_lines(200, 700))
    (logs / "access.log.1.gz").write_bytes(packed(log_lines(300, 3000)))
    add_evidence(made, [logs])
    with Store(folder / "tables") as store:
        workspace = Workspace(made.folder, made.zone, DataMap(), (), store)
        for stage in (evidence, reading, events):
            stage.build(workspace)
    return made


@pytest.fixture
def case(read: Case, tmp_path: Path) -> Case:
    """A case of one's own with a finished run over these."""
    shutil.copytree(read.folder, tmp_path / "case")
    shutil.copytree(read.folder.with_name("tables"), tmp_path / "tables")
    made = open_case(tmp_path / "case", read.clock)
    _answer(made)
    return made


def _answer(case: Case, table: Table | None = None, alter: Callable[[Rows], Rows] = list) -> None:
    """Make a finished run whose proofs are some of the events; ``alter`` changes a table before it ends."""
    case.datamap_path.write_text(f"# run {len(list((case.folder / 'runs').iterdir()))}\n")
    run = open_run(case, key_of(case))
    shutil.copytree(case.folder.with_name("tables"), run.folder, dirs_exist_ok=True)
    with Store(run.folder) as store:
        shown = [row[0] for row in store.rows("SELECT event_id FROM events ORDER BY event_id")][::5]
        store.write(PROOFS, [("s", "owners", str(n), "P1", n, "request") for n in shown])
        store.write(EXPOSURES, [("s", "owners", str(n), "P1", "o.n", "L3", 4, None, None) for n in shown])
        if table is not None:
            held = store.rows(f"SELECT {table.select_list} FROM {table.name}")
            rows = alter([dict(zip(table.columns, row, strict=True)) for row in held])
            store.write(table, [tuple(row.values()) for row in rows])
        run.mark_done("all", [table.name for table in ALL_TABLES if store.has(table.name)])
        run.finish(store)


def _check(case: Case) -> list[Problem]:
    return list(check_sample(case))


@pytest.mark.slow
def test_an_honest_answer_has_no_problem(case: Case) -> None:
    assert _check(case) == []


@pytest.mark.slow
@pytest.mark.parametrize("column", ["src_endpoint_ip", "http_response_code", "time_us", "http_request_path"])
def test_a_record_that_says_otherwise_is_found(case: Case, column: str) -> None:
    def alter(rows: Rows) -> Rows:
        return [row | {column: 1 if isinstance(row[column], int) else "x"} for row in rows]

    _answer(case, RECORDS, alter)
    problems = _check(case)
    assert len(problems) > 150
    assert {problem.what for problem in problems} == {f"the line, read anew, has another {column}"}
    assert {problem.file for problem in problems} == {"access.log", "access.log.1.gz"}


@pytest.mark.slow
def test_an_event_that_says_otherwise_is_found(case: Case) -> None:
    _answer(case, EVENTS, lambda rows: [row | {"http_response_code": 404} for row in rows])
    assert {problem.what for problem in _check(case)} == {
        "the event it tells of has another http_response_code"
    }


@pytest.mark.slow
def test_places_that_are_off_are_found(case: Case) -> None:
    def off_by_a_line(rows: Rows) -> Rows:
        return [
            row | {"line_first": row["line_first"] + 1, "line_last": row["line_last"] + 1} for row in rows
        ]

    def off_by_a_byte(rows: Rows) -> Rows:
        return [row | {"byte_first": row["byte_first"] + 1} for row in rows]

    _answer(case, WITNESSES, off_by_a_line)
    assert any("the cited bytes are on lines" in problem.what for problem in _check(case))
    _answer(case, WITNESSES, off_by_a_byte)
    assert any("do not begin a line" in problem.what for problem in _check(case))


@pytest.mark.slow
def test_answers_without_proof_are_found(case: Case) -> None:
    _answer(case, PROOFS, lambda rows: rows[1:])
    assert [problem.file for problem in _check(case)] == ["runs/0002/exposures.parquet"]
    _answer(case, WITNESSES, lambda _rows: [])
    assert any("no line tells of" in problem.what for problem in _check(case))


@pytest.mark.slow
def test_no_problem_repeats_what_a_line_says(case: Case) -> None:
    _answer(case, RECORDS, lambda rows: [row | {"http_request_path": "SECRET"} for row in rows])
    words = " ".join(str(problem) for problem in _check(case))
    assert "SECRET" not in words
    assert "/owners/" not in words


def test_a_damaged_table_is_told_and_not_opened(case: Case) -> None:
    for name in ("proofs.parquet", "records.parquet"):
        path = case.folder / "runs" / "0001" / name
        whole = path.read_bytes()
        for place in range(0, len(whole), max(1, len(whole) // 20)):
            flip_byte(path, place, 1 << place % 8)
            assert [problem.file for problem in verify_case(case)] == [f"runs/0001/{name}"]
            path.write_bytes(whole)


_LINES = st.lists(st.text(st.characters(exclude_characters="\n"), max_size=30), min_size=1, max_size=40)


@given(lines=_LINES, head=st.integers(0, 50), picks=st.lists(st.integers(0, 39), max_size=6))
def test_excerpts_agree_with_splitting_the_whole(lines: list[str], head: int, picks: list[int]) -> None:
    texts = [line.encode("utf-8", "replace") for line in lines]
    whole = b"\n".join(texts) + b"\n"
    cited = {}
    for pick in picks:
        number = pick % len(texts)
        start = sum(len(text) + 1 for text in texts[:number])
        cited[Citation(start, start + len(texts[number]), number + 1, number + 1)] = texts[number]
    excerpt = read_excerpt(_stream(whole), cited, head)
    assert excerpt.head == b"".join(text + b"\n" for text in texts[:head])
    found = {passage.citation: passage.text for passage in excerpt.passages}
    assert found == cited
    assert [passage.fault for passage in excerpt.passages if passage.text] == [None] * sum(
        map(bool, cited.values())
    )


def _stream(whole: bytes) -> Any:
    pieces = (whole[start : start + 7] for start in range(0, len(whole), 7))
    return _Pieces(pieces)


class _Pieces:
    """A stream that hands out few bytes at a time, whatever is asked."""

    def __init__(self, pieces: Any) -> None:
        self._pieces = pieces

    def read(self, _size: int) -> bytes:
        return next(self._pieces, b"")
