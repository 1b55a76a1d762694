"""What somebody types into a program's log makes no statement, and no statement loses its half."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ashiato.engine.reading.blocks import Block, LineReader
from ashiato.engine.reading.parsers.containers import Container, JsonWrapping
from ashiato.engine.reading.parsers.journal import JournalExport
from ashiato.engine.reading.parsers.postgres_text import PostgresText
from ashiato.engine.reading.parsers.syslog import Syslog
from ashiato.engine.reading.parsers.wrapped import Wrapped
from ashiato.engine.reading.times import Clock
from ashiato.engine.reading.wrappings import Wrapping
from ashiato.terms.times import us_of

_CLOCK = Clock(ZoneInfo("UTC"), us_of(datetime(2026, 6, 9, tzinfo=UTC)))
_AT = "Jun  8 10:00:00 h "
_SQL = "LOG:  statement: DELETE FROM customers"
Rows = list[dict[str, Any]]


def _block_of(text: str, *, ended: bool = True) -> Block:
    block = next(iter(LineReader(io.BytesIO(text.encode()))))
    assert isinstance(block, Block)
    return block.pick(slice(0, len(block)), ended=ended)


def _parser(kind: type[Wrapping]) -> Wrapped:
    return Wrapped(kind(_CLOCK), [PostgresText(_CLOCK)])


def _rows(text: str, kind: type[Wrapping] = Syslog) -> Rows:
    parsed = _parser(kind).parse(_block_of(text))
    columns = {name: array.to_pylist() for name, array in parsed.columns.items()}
    places = {"first": parsed.first.tolist(), "last": parsed.last.tolist()}
    names = (*places, *columns)
    return [
        dict(zip(names, row, strict=True)) for row in zip(*places.values(), *columns.values(), strict=True)
    ]


def test_names_typed_at_sshd_stay_sign_ins() -> None:
    (row,) = _rows(f"{_AT}sshd[1]: Failed password for invalid user {_SQL} -- from 9.9.9.9 port 5 ssh2\n")
    assert (row["record_kind"], row["status"]) == ("host-sign-in", "failure")
    assert row["src_endpoint_ip"] == "9.9.9.9"


@pytest.mark.parametrize("said", [f"app[1]: name={_SQL}", f"app[1]: {_SQL}", "myapp[7]: ERROR:  user bob"])
def test_other_programs_words_are_no_statements(said: str) -> None:
    (row,) = _rows(f"{_AT}{said}\n")
    assert row["record_kind"] == "host-message"


@pytest.mark.parametrize("mark", [("[5-1] ", "[5-2] "), ("", "")], ids=["numbered", "plain"])
def test_parts_are_joined_across_others_lines(mark: tuple[str, str]) -> None:
    first, second = mark
    rows = _rows(
        f"{_AT}postgres[7]: {first}LOG:  statement: SELECT 1\n"
        f"{_AT}postgres[8]: {first}LOG:  statement: SELECT 2\n"
        f"{_AT}postgres[7]: {second}#011UNION SELECT email FROM customers\n"
    )
    assert [(row["first"], row["last"], row["record_kind"]) for row in rows] == [
        (0, 0, "sql-statement"),
        (1, 1, "sql-statement"),
        (2, 2, "host-message"),
    ]
    assert rows[0]["query_text"] == "SELECT 1\nUNION SELECT email FROM customers"
    assert rows[1]["query_text"] == "SELECT 2"


def test_statements_cut_for_length_join_without_a_break() -> None:
    long = f"SELECT '{'x ' * 430}y'"
    (row,) = _rows(
        f"{_AT}postgres[7]: [5-1] u=a LOG:  statement: {long[:800]}\n"
        f"{_AT}postgres[7]: [5-2] {long[800:]}\n"
        f"{_AT}postgres[7]: [5-3] u=a DETAIL:  parameters: $1 = 'b'\n"
    )
    assert (row["query_text"], row["query_binds"], row["last"]) == (long, "$1 = 'b'", 2)


def test_missing_parts_leave_a_mark() -> None:
    head = f"{_AT}postgres[7]: [5-1] LOG:  statement: SELECT 1\n"
    (row,) = _rows(head + f"{_AT}postgres[7]: [5-3] #011FROM m\n")
    assert '"text_cut":true' in row["unmapped"]
    # A part without its message is nobody's statement: it stays unread.
    assert _rows(f"{_AT}postgres[7]: [5-2] #011UNION SELECT 1\n") == []


def test_open_messages_wait_for_their_parts() -> None:
    head = f"{_AT}postgres[7]: [5-1] LOG:  statement: SELECT 1\n"
    block = _block_of(f"{_AT}cron[1]: a\n{head}{_AT}cron[1]: b\n", ended=False)
    assert _parser(Syslog).cut(block) == 1


def test_services_lines_are_a_databases_by_most() -> None:
    dated = "2026-06-08 10:00:00 UTC [1]: "
    forged = f"web_1 | hello\nweb_1 | there\nweb_1 | {dated}{_SQL}\n"
    true = f"db_1  | starting\ndb_1  | now\ndb_1  | {dated}LOG:  statement: SELECT 1\n"
    union = "db_1  | \tUNION SELECT 2\n"
    rows = _rows(true + forged + union, Container)
    assert [(row["first"], row["query_text"]) for row in rows] == [(2, "SELECT 1\nUNION SELECT 2")]


def test_objects_of_applications_keep_their_members() -> None:
    beat: dict[str, Any] = {"@timestamp": "2026-06-08T10:00:00Z", "message": "viewed", "input": {}, "log": {}}
    watch: dict[str, Any] = {"timestamp": 1780912800000, "message": "viewed", "logStreamName": "web"}
    for members in (beat, watch):
        assert len(_rows(f"{json.dumps(members)}\n", JsonWrapping)) == 1
        assert _rows(f"{json.dumps(members | {'customer_id': 5})}\n", JsonWrapping) == []


def test_streams_are_joined_each_by_itself() -> None:
    at = "2026-06-08T10:00:00.000Z"
    text = f"{at} stdout P SELECT \n{at} stderr F oops\n{at} stdout F 1\n"
    assert [row["message"] for row in _rows(text, Container)] == ["SELECT 1", "oops", None]
    assert Container(_CLOCK).cut(_block_of(text[: text.rfind(at)], ended=False)) == 0
    docker = [("a ", "stdout"), ("oops\n", "stderr"), ("b\n", "stdout")]
    lines = [json.dumps({"log": said, "stream": stream, "time": at}) for said, stream in docker]
    assert [row["message"] for row in _rows("\n".join([*lines, ""]), JsonWrapping)] == ["a b", "oops", None]
    assert JsonWrapping(_CLOCK).cut(_block_of("\n".join([*lines[:2], ""]), ended=False)) == 0


def _entry(message: str) -> str:
    length = len(message).to_bytes(8, "little").decode()
    who = "__REALTIME_TIMESTAMP=1780912800000000\nSYSLOG_IDENTIFIER=app\n_PID=5"
    return f"__CURSOR=s=1\n{who}\nMESSAGE\n{length}{message}\n\n"


def test_values_of_the_journal_end_where_counted() -> None:
    forged = "hello\n\n" + _entry("x").replace("=app", "=sshd")
    rows = _rows(_entry(forged) + _entry("ten\nlines!"), JournalExport)
    assert [(row["process_name"], row["message"]) for row in rows] == [
        ("app", forged.replace("\0", "")),
        ("app", "ten\nlines!"),
    ]
    whole = _entry("a")
    block = _block_of(whole + _entry(forged)[:-4], ended=False)
    assert JournalExport(_CLOCK).cut(block) == whole.count("\n") - 1


def test_commands_run_by_sudo_are_taken_whole() -> None:
    said = "PWD=/ ; USER=root ; COMMAND=/bin/sh -c echo ; USER=alice"
    (row,) = _rows(f"{_AT}sudo: bob : TTY=pts/0 ; {said}\n")
    told = json.loads(row["unmapped"])
    assert (told["user"], told["command"]) == ("root", "/bin/sh -c echo ; USER=alice")
