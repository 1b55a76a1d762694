"""Laws of joining: nothing is lost, nothing is told twice, and names and order of files do not matter."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ashiato.engine.events import assembly
from ashiato.engine.store import Store
from tests.engine.events.scene import SECOND, START, LogBook, join, request
from tests.engine.events.traffic import Shop, run_shop

KINDS = (
    "web-request", "sql-statement", "sql-audit", "sql-duration", "sql-error", "sql-connection", "sql-message",
    "sign-in", "sign-out", "application", "of-another-kind",
)  # fmt: skip
TEXTS = st.sampled_from(
    [None, "", "SELECT 1", "SELECT '\u202e<script>' --", "=cmd|'/c calc'!A1", "'" * 3, "\\x00"]
)

SAID = st.fixed_dictionaries(
    {"kind": st.sampled_from(KINDS), "time_us": st.integers(START - SECOND, START + SECOND)},
    optional={
        "query_text": TEXTS,
        "http_request_target": TEXTS,
        "http_request_path": TEXTS,
        "http_request_query": st.sampled_from([None, "", "q=%ff%zz", "&&=&a", "x=" + "9" * 400]),
        "http_request_method": st.sampled_from([None, "GET", "POST"]),
        "src_endpoint_ip": st.sampled_from([None, "192.0.2.1"]),
        "duration_us": st.sampled_from([None, 0, 5_000, 10**13]),
        "database_session_uid": st.sampled_from([None, "a", "b"]),
        "database_session_line": st.sampled_from([None, 1, 2, 3]),
        "activity_name": st.sampled_from([None, "execute", "parse", "bind"]),
        "actor_session_uid": st.sampled_from([None, "s"]),
        "actor_user_name": st.sampled_from([None, "7"]),
        "status": st.sampled_from([None, "success", "failure"]),
        "unmapped": st.sampled_from(
            [None, '{"statement_id":1}', "{", '{"statement_id":99999999999999999999}']
        ),
        "trace_uid": st.sampled_from([None, "abcdefgh"]),
    },
)
BOOKS = st.lists(st.lists(SAID, max_size=8), min_size=1, max_size=3)


def _books(told: Sequence[Sequence[dict[str, Any]]]) -> list[LogBook]:
    books = []
    for place, records in enumerate(told):
        book = LogBook(f"logs/{place}.log")
        for said in records:
            book.tell(
                said["kind"],
                said["time_us"],
                **{k: v for k, v in said.items() if k not in ("kind", "time_us")},
            )
        books.append(book)
    return books


def _expect_conserved(store: Store) -> None:
    assert store.rows(
        """
        SELECT count(*) FROM records r
        LEFT JOIN (SELECT evidence_id, line_first, count(*) AS n FROM witnesses GROUP BY ALL) w
            ON w.evidence_id = r.evidence_id AND w.line_first = r.line_first
        WHERE w.n IS DISTINCT FROM 1
        """
    ) == [(0,)]
    [(records, witnesses, events, told)] = store.rows(
        """
        SELECT (SELECT count(*) FROM records), (SELECT count(*) FROM witnesses),
            (SELECT count(*) FROM events), (SELECT count(DISTINCT event_id) FROM witnesses)
        """
    )
    assert records == witnesses
    assert events == told
    assert store.rows("SELECT count(*) FROM causes WHERE confidence NOT BETWEEN 0 AND 1") == [(0,)]


@pytest.mark.slow
@settings(max_examples=12)
@given(BOOKS)
def test_whatever_the_records_each_is_one_witness(
    tmp_path_factory: pytest.TempPathFactory, told: list[list[dict[str, Any]]]
) -> None:
    with join(tmp_path_factory.mktemp("law"), _books(told)) as store:
        _expect_conserved(store)


@pytest.mark.slow
def test_a_whole_estate_is_conserved(tmp_path: Path) -> None:
    shop = run_shop(Shop(requests=200))
    with join(tmp_path, [shop.web, shop.database]) as store:
        _expect_conserved(store)


def test_no_record_at_all_is_no_event(tmp_path: Path) -> None:
    with join(tmp_path, []) as store:
        assert store.rows("SELECT count(*) FROM events") == [(0,)]


def _told(folder: Path, books: Sequence[LogBook]) -> tuple[Any, ...]:
    with join(folder, books) as store:
        events = store.rows("SELECT * FROM events ORDER BY event_id")
        causes = store.rows("SELECT * FROM causes ORDER BY sql_event_id, http_event_id")
        roles = store.rows(
            """
            SELECT w.event_id, s.content_sha256, w.line_first, w.role FROM witnesses w
            JOIN evidence s ON s.evidence_id = w.evidence_id WHERE w.role <> 'copy' ORDER BY ALL
            """
        )
    return events, causes, roles


@pytest.mark.slow
def test_order_of_evidence_changes_nothing(tmp_path: Path) -> None:
    shop = run_shop(Shop(requests=150))
    books = [shop.web, shop.database]
    assert _told(tmp_path / "one", books) == _told(tmp_path / "two", books[::-1])


@pytest.mark.slow
def test_names_of_evidence_change_nothing(tmp_path: Path) -> None:
    shop = run_shop(Shop(requests=150))
    renamed = [
        LogBook("x1", shop.web.records, shop.web.lines),
        LogBook("x2", shop.database.records, shop.database.lines),
    ]
    assert _told(tmp_path / "one", [shop.web, shop.database]) == _told(tmp_path / "two", renamed)


@pytest.mark.slow
def test_evidence_sealed_twice_changes_nothing_but_copies(tmp_path: Path) -> None:
    shop = run_shop(Shop(requests=150))
    twice = [
        shop.web,
        LogBook("backup/access.log", shop.web.records, shop.web.lines),
        shop.database,
        LogBook("backup/postgresql.csv", shop.database.records, shop.database.lines),
    ]
    once = _told(tmp_path / "one", [shop.web, shop.database])
    again = _told(tmp_path / "two", twice)
    assert again[0] == once[0]
    assert again[1] == once[1]
    with Store(tmp_path / "two") as store:
        _expect_conserved(store)
        [(copies,)] = store.rows("SELECT count(*) FROM witnesses WHERE role = 'copy'")
    assert copies == shop.web.lines + shop.database.lines


@pytest.mark.slow
def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    shop = run_shop(Shop(requests=150))
    for folder in ("one", "two"):
        join(tmp_path / folder, [shop.web, shop.database]).close()
    for name in ("events", "witnesses", "causes", "holes"):
        first, second = ((tmp_path / folder / f"{name}.parquet").read_bytes() for folder in ("one", "two"))
        assert first == second, name


def test_an_overlapping_copy_of_a_log_is_no_second_request(tmp_path: Path) -> None:
    whole, part = LogBook("web/access.log"), LogBook("older-copy/access.log")
    for place in range(30):
        said = request(http_request_target=f"/p/{place}")
        whole.tell("web-request", START + place * SECOND, **said)
        if place < 20:
            part.tell("web-request", START + place * SECOND, **said)
    with join(tmp_path, [whole, part]) as store:
        _expect_conserved(store)
        assert store.rows("SELECT count(*) FROM events") == [(30,)]


@pytest.mark.slow
def test_events_written_in_parts_are_those_written_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = run_shop(Shop(requests=150))
    books = [shop.web, shop.database, _poorer(shop.web)]
    whole = _files(tmp_path / "whole", books)
    monkeypatch.setattr(assembly, "_PART_EVENTS", 60)
    assert _files(tmp_path / "parts", books) == whole


def _poorer(web: LogBook) -> LogBook:
    """The same requests as another server logs them: to the second, and for nobody."""
    book = LogBook("proxy/access.log")
    for said in web.records[::2]:
        told = {key: value for key, value in said.items() if key.startswith(("http_", "src_"))}
        book.tell("web-request", said["time_us"] // SECOND * SECOND, **told, time_step_us=SECOND)
    return book


def _files(folder: Path, books: Sequence[LogBook]) -> list[list[dict[str, Any]]]:
    """The tables as their files have them, row by row; some requests stand in two logs."""
    with join(folder, books) as store:
        tables = [pq.read_table(store.path(name)) for name in ("events", "witnesses", "contradictions")]
        twins = store.rows("SELECT count(*) FROM witnesses WHERE role = 'second-log'")
    assert twins > [(0,)]
    return [table.to_pylist() for table in tables]
