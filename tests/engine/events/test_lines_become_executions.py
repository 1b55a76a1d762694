"""The log lines of one statement are one event, however the database is set to log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.engine.events.scene import START, LogBook, join

MS = 1000
PLAIN = "SELECT id FROM owners WHERE id = 7"


def _audit(number: int, text: str | None, rows: int | None = None, sub: int = 1) -> dict[str, Any]:
    unmapped = f'{{"audit_type":"SESSION","statement_id":{number},"substatement_id":{sub}}}'
    return {"kind": "sql-audit", "query_text": text, "query_rows": rows, "unmapped": unmapped}


def _said(text: str, step: str = "statement", **more: object) -> dict[str, Any]:
    return {"kind": "sql-statement", "query_text": text, "activity_name": step, **more}


def _timed(duration_us: int = 2 * MS, **more: object) -> dict[str, Any]:
    return {"kind": "sql-duration", "duration_us": duration_us, **more}


def _failed(text: str | None) -> dict[str, Any]:
    more = {"error_code": "42601", "error_text": "syntax error", "status": "failure"}
    return {"kind": "sql-error", "query_text": text, **more}


def _events(folder: Path, *lines: dict[str, Any], session: bool = True) -> list[tuple[Any, ...]]:
    book = LogBook("db/postgresql.csv")
    for place, said in enumerate(lines):
        more = {key: value for key, value in said.items() if key != "kind"}
        if session:
            more |= {"database_session_uid": "6a.1", "database_session_line": place + 1}
        book.tell(said["kind"], START + 3 * MS * place, source_format="postgresql-csvlog", **more)
    with join(folder, [book]) as store:
        return store.rows(
            """
            SELECT e.query_text, string_agg(w.role, '+' ORDER BY w.line_first), e.query_rows, e.status
            FROM events e JOIN witnesses w ON w.event_id = e.event_id
            WHERE e.event_kind = 'sql'
            GROUP BY e.event_id, e.query_text, e.query_rows, e.status ORDER BY min(w.line_first)
            """
        )


def test_statement_audit_and_duration_are_one(tmp_path: Path) -> None:
    lines = (_said(PLAIN), _audit(1, PLAIN, 1), _timed(), _said("COMMIT"), _timed())
    assert _events(tmp_path, *lines) == [
        (PLAIN, "statement+audit+duration", 1, "success"),
        ("COMMIT", "statement+duration", None, "success"),
    ]


def test_a_statement_that_failed_has_no_duration(tmp_path: Path) -> None:
    lines = (_said(PLAIN), _failed(PLAIN), _said("SELECT 1"), _timed())
    assert _events(tmp_path, *lines) == [
        (PLAIN, "statement+error", None, "failure"),
        ("SELECT 1", "statement+duration", None, "success"),
    ]


def test_a_syntax_error_stands_without_a_statement(tmp_path: Path) -> None:
    lines = (_said("SELECT 1"), _timed(), _failed("SELECT 'x"), _said("SELECT 2"), _timed())
    found = _events(tmp_path, *lines)
    assert [one[1] for one in found] == ["statement+duration", "error", "statement+duration"]
    assert found[1][0] == "SELECT 'x"


def test_an_error_of_another_text_is_another_event(tmp_path: Path) -> None:
    found = _events(tmp_path, _said("SELECT 1"), _failed("SELECT 'x"), _said("SELECT 2"))
    assert [one[1] for one in found] == ["statement", "error", "statement"]


def test_statements_alone_are_events_of_their_own(tmp_path: Path) -> None:
    found = _events(tmp_path, _said("SELECT 1"), _said("SELECT 1"), _said("SELECT 2"))
    assert [one[0] for one in found] == ["SELECT 1", "SELECT 1", "SELECT 2"]


def test_audit_records_alone_follow_their_numbers(tmp_path: Path) -> None:
    lines = (_audit(1, PLAIN, 1), _audit(2, PLAIN, 3), _audit(2, PLAIN, 3), _audit(3, "SELECT 2", 5))
    found = _events(tmp_path, *lines)
    assert [(one[1], one[2]) for one in found] == [("audit", 1), ("audit+audit", 3), ("audit", 5)]


def test_a_duration_with_its_statement_begins_before_it(tmp_path: Path) -> None:
    book = LogBook("db/postgresql.csv")
    book.tell("sql-statement", START, query_text=PLAIN, activity_name="statement", duration_us=250 * MS)
    with join(tmp_path, [book]) as store:
        assert store.rows("SELECT start_us, end_us, duration_us FROM events") == [
            (START - 250 * MS, START, 250 * MS)
        ]


def test_audit_before_a_duration_with_statement_is_its_own(tmp_path: Path) -> None:
    slow = _said(PLAIN, duration_us=900 * MS)
    found = _events(tmp_path, _audit(1, PLAIN, 1), slow, _audit(2, "SELECT 2", 1))
    assert [(one[0], one[1]) for one in found] == [(PLAIN, "audit+duration"), ("SELECT 2", "audit")]


def test_several_statements_in_one_string_add_their_rows(tmp_path: Path) -> None:
    both = "SELECT 1; SELECT 2"
    lines = (_said(both), _audit(1, both, 4), _audit(2, both, 5), _timed())
    assert _events(tmp_path, *lines) == [(both, "statement+audit+audit+duration", 9, "success")]


def test_records_of_one_statement_do_not_add_rows(tmp_path: Path) -> None:
    lines = (_said(PLAIN), _audit(1, PLAIN, 4), _audit(1, PLAIN, 4), _timed())
    assert _events(tmp_path, *lines)[0][2] == 4


def test_nested_calls_belong_to_the_calling_statement(tmp_path: Path) -> None:
    call = "SELECT owner_report(7)"
    inner = "SELECT * FROM claims WHERE owner_id = 7"
    lines = (_said(call), _audit(1, inner, 40, sub=2), _audit(1, call, 1), _timed(), _said("SELECT 1"))
    assert _events(tmp_path, *lines)[0] == (call, "statement+audit+audit+duration", 1, "success")


def test_nested_calls_are_kept_where_no_durations_are_logged(tmp_path: Path) -> None:
    call = "SELECT owner_report(7)"
    lines = (
        _said(call),
        _audit(1, call, 1),
        _audit(1, "SELECT * FROM claims", 40, sub=2),
        _audit(2, PLAIN, 1),
    )
    found = _events(tmp_path, *lines)
    assert [(one[0], one[1], one[2]) for one in found] == [
        (call, "statement+audit+audit", 1),
        (PLAIN, "audit", 1),
    ]


@pytest.mark.parametrize("marked", [True, False])
def test_parse_and_bind_durations_belong_to_their_execute(tmp_path: Path, *, marked: bool) -> None:
    steps = [{"query_command": word} if marked else {} for word in ("PARSE", "BIND")]
    one = (_timed(90, **steps[0]), _timed(60, **steps[1]), _said("SELECT $1", "execute"), _timed(2 * MS))
    found = _events(tmp_path, *one, *one)
    assert [event[1] for event in found] == ["duration+duration+statement+duration"] * 2


def test_parse_bind_and_execute_with_text_are_one(tmp_path: Path) -> None:
    steps = [_timed(90, query_text=PLAIN, activity_name=step) for step in ("parse", "bind")]
    one = (*steps, _said(PLAIN, "execute", duration_us=2 * MS))
    again = (steps[1], _said(PLAIN, "execute", duration_us=2 * MS))
    found = _events(tmp_path, *one, *again)
    assert [event[1] for event in found] == ["duration+duration+duration", "duration+duration"]


def test_without_sessions_lines_still_come_together(tmp_path: Path) -> None:
    lines = (_said(PLAIN), _timed(), _said("SELECT 2"), _timed())
    assert [one[1] for one in _events(tmp_path, *lines, session=False)] == ["statement+duration"] * 2


def test_interleaved_connections_are_kept_apart(tmp_path: Path) -> None:
    book = LogBook("db/postgresql.csv")
    for place, (session, kind, text) in enumerate(
        [("a", "sql-statement", "SELECT 1"), ("b", "sql-statement", "SELECT 2"), ("a", "sql-duration", None),
         ("b", "sql-duration", None)]
    ):  # fmt: skip
        book.tell(kind, START + place, query_text=text, database_session_uid=session, duration_us=None)
    with join(tmp_path, [book]) as store:
        found = store.rows(
            "SELECT query_text, count(*) FROM events NATURAL JOIN witnesses GROUP BY query_text ORDER BY 1"
        )
    assert found == [("SELECT 1", 2), ("SELECT 2", 2)]


def test_audit_after_the_duration_belongs_to_its_execute(tmp_path: Path) -> None:
    """In the extended protocol pgaudit may write when the portal closes, after the duration."""
    bound = "SELECT id FROM owners WHERE id = $1"
    one = (_timed(90), _timed(60), _said(bound, "execute"), _timed(2 * MS))
    lines = (
        *one,
        _audit(1, bound, 1),
        *one,
        _audit(2, bound, 4),
        _said(PLAIN),
        _audit(3, PLAIN, 1),
        _timed(),
    )
    assert _events(tmp_path, *lines) == [
        (bound, "duration+duration+statement+duration+audit", 1, "success"),
        (bound, "duration+duration+statement+duration+audit", 4, "success"),
        (PLAIN, "statement+audit+duration", 1, "success"),
    ]
