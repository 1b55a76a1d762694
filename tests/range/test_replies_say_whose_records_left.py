"""Whose records were in a reply is read from the reply: pages, JSON, CSV, packed files, hostile ones too."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from range.client import Client, Reply
from range.site.pages import render_csv, render_json, render_page
from range.truth import people_by_time, people_in, read, written

_AT = datetime(2026, 11, 23, tzinfo=UTC)
_ROWS = st.lists(
    st.fixed_dictionaries({"id": st.integers(1, 10**7), "name": st.text(st.characters(codec="utf-8"))})
)


def _reply(kind: str, body: bytes, status: int = 200) -> Reply:
    return Reply(_AT, "GET", "/", status, body, kind)


@given(_ROWS)
def test_what_the_site_renders_is_read_back_whatever_names_hold(rows: list[dict[str, object]]) -> None:
    keys = [row["id"] for row in rows]
    rendered = [render_page("x", [rows], "id"), render_json(rows), render_csv(rows)]
    for response in rendered:
        if response.mimetype == "text/csv" and not rows:
            continue
        assert people_in(_reply(response.mimetype or "", response.get_data()), "id") == keys


def test_rows_that_are_no_people_are_nobody() -> None:
    page = render_page("Search", [[{"id": 1, "name": "a hospital"}]], key="")
    assert people_in(_reply("text/html", page.get_data()), "id") == []


def test_a_name_cannot_pass_for_another_row() -> None:
    page = render_page("x", [[{"id": 1, "name": '<tr data-key="2">'}]], "id")
    assert people_in(_reply("text/html", page.get_data()), "id") == [1]


def test_a_packed_backup_is_counted_and_a_refusal_is_not() -> None:
    packed = gzip.compress(b"id,name\r\n4,a\r\n9,b\r\n")
    assert people_in(_reply("application/gzip", packed), "id") == [4, 9]
    assert people_in(_reply("application/json", b'{"id": 4}', status=403), "id") == []


@pytest.mark.parametrize("kind", ["text/plain", "application/octet-stream", ""])
def test_other_kinds_hold_nobody(kind: str) -> None:
    assert people_in(_reply(kind, b'data-key="1"'), "id") == []


def test_a_person_counts_once_from_when_first_received(tmp_path: Path) -> None:
    path, client = tmp_path / "truth" / "x.jsonl", Client("http://127.0.0.1:1", "127.66.0.1")
    with written(path, "insurer", "id", intruder="test") as truth:
        for second, people in enumerate([[2, 1], [1, 3], []]):
            truth.note(client, Reply(_AT.replace(second=second), "GET", "/", 200), people=people)
    assert [(at.second, person) for at, person in people_by_time(path)] == [(0, 1), (0, 2), (1, 3)]
    assert [line["event"] for line in read(path)] == ["begin", "reply", "reply", "reply", "end"]
