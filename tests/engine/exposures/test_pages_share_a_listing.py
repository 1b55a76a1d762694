"""Pages of one listing share its rows, ranked once: as each would rank them for itself."""

from __future__ import annotations

import tempfile
from pathlib import Path
from unittest.mock import patch

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from ashiato.engine.exposures import windows
from ashiato.engine.exposures.listings import hangs_on, list_pages, once_each, turn
from ashiato.engine.exposures.lives import FIRST_US
from ashiato.engine.exposures.moments import since_when
from ashiato.engine.store import Row
from ashiato.engine.translation import followed_to_spark
from tests.engine.exposures.scene import VISIT_ROWS, Scene, Statement

NAMES = ("a", "b", "B", "\u00e5", "\u3042", "")
LISTINGS = (
    "SELECT id, name FROM members{page}",
    "SELECT name FROM members ORDER BY id{page}",
    "SELECT name FROM members ORDER BY name{page}",
    "SELECT id FROM members WHERE zip = '{zip}' ORDER BY premium DESC NULLS LAST, id{page}",
    "SELECT id FROM members WHERE zip = '{zip}' ORDER BY premium NULLS FIRST{page}",
    "SELECT m.name, v.reason FROM members m JOIN visits v ON v.member_id = m.id ORDER BY v.reason{page}",
    "SELECT u.name FROM (SELECT name, id FROM members ORDER BY zip{page}) u ORDER BY u.name, u.id{page}",
    "SELECT name, row_number() OVER (ORDER BY premium, id) AS n FROM members ORDER BY n{page}",
    "SELECT DISTINCT zip FROM members ORDER BY zip{page}",
    "SELECT zip FROM members UNION ALL SELECT reason FROM visits ORDER BY 1{page}",
    (
        "SELECT m.name, l.reason FROM members m LEFT JOIN LATERAL (SELECT reason FROM visits v "
        "WHERE v.member_id = m.id ORDER BY v.reason{page}) l ON true ORDER BY m.id{page}"
    ),
)
WRITES = (
    "UPDATE members SET name = 'z' WHERE id = {key}",
    "UPDATE members SET zip = '9' WHERE id = {key}",
    "DELETE FROM members WHERE id = {key}",
    "INSERT INTO members (id, name, zip, premium) VALUES ({key}, 'b', '1', 2)",
    "UPDATE members SET premium = premium + 1 WHERE zip = '2'",
)
PAGES = st.tuples(st.sampled_from([None, 1, 2, 5, 100]), st.sampled_from([None, 0, 1, 2, 4, 40]))


def answers(folder: Path, scene: Scene, log: list[Statement], *, alone: bool) -> dict[str, list[Row]]:
    """Return all that is said; ``alone``: every page ranks a listing of its own."""
    scene.folder = folder
    apart = lambda query: sorted({*hangs_on(query), "_time_us"})  # noqa: E731
    with patch.object(windows, "hangs_on", apart if alone else hangs_on):
        store = scene.answer(*log)
    tables = ("exposures", "proofs", "lineage_rows", "reply_rows")
    return {name: sorted(store.rows(f"SELECT * FROM {name}"), key=repr) for name in tables}


def paged(text: str, page: tuple[int | None, int | None], zipped: str) -> str:
    """Write a listing's page as a statement."""
    limit, offset = page
    tail = (
        f"{f' LIMIT {limit}' if limit is not None else ''}{f' OFFSET {offset}' if offset is not None else ''}"
    )
    return text.format(page=tail, zip=zipped)


@st.composite
def logs(draw: st.DrawFn) -> tuple[Scene, list[Statement]]:
    """Draw a small table with ties and empty values, pages of a few listings, and writes among them."""
    premiums = st.sampled_from([1, 2, 3, ""])
    rows = [
        {
            "id": n + 1,
            "name": draw(st.sampled_from(NAMES)),
            "zip": draw(st.sampled_from("12")),
            "premium": draw(premiums),
        }
        for n in range(draw(st.integers(1, 9)))
    ]
    listings = draw(st.lists(st.sampled_from(LISTINGS), min_size=1, max_size=2))
    log: list[Statement] = []
    for number in range(draw(st.integers(2, 8))):
        at_us = 1_000 * (number + 1)
        if draw(st.integers(0, 3)) == 0:
            text = draw(st.sampled_from(WRITES)).format(key=draw(st.integers(1, len(rows) + 1)))
            log.append(Statement(text, at_us=at_us, code=None, hostile=False))
        else:
            text = paged(draw(st.sampled_from(listings)), draw(PAGES), draw(st.sampled_from("12")))
            log.append(Statement(text, rows=draw(st.sampled_from([None, 1, 2])), at_us=at_us))
    scene = Scene(Path(), rows={"members": rows, "visits": VISIT_ROWS[: draw(st.integers(1, 12))]})
    scene.collation = draw(st.sampled_from(["C", "en_US.UTF-8", None]))
    scene.engine = draw(st.sampled_from(["postgresql", "mariadb"]))
    return scene, log


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(logs())
def test_shared_listing_answers_as_each_page_alone(drawn: tuple[Scene, list[Statement]]) -> None:
    scene, log = drawn
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        assert answers(Path(one), scene, log, alone=False) == answers(Path(other), scene, log, alone=True)


Spans = list[tuple[int, int]]
Bounds = list[tuple[int, int, int, int]]
WIDTHS, LENGTHS = (0, 1, 63, 64, 65, 1023, 5000, 1 << 23), (0, 1, 50, 64, 65, 2000, 1 << 19, 1 << 60)
GONE = (0, 1, 70, 1 << 30)
SPANS = st.tuples(st.integers(-100, 1 << 24), st.sampled_from(WIDTHS))
BOUNDS = st.tuples(
    st.integers(0, 1 << 24), st.sampled_from(LENGTHS), st.integers(0, 70), st.sampled_from(GONE)
)


def met(spans: Spans, bounds: Bounds) -> list[Row]:
    """Turn pages (from, length, off by, pushed down by) over rows (lowest place, width): what may be on."""
    columns = {
        "_exec": list(range(len(bounds))),
        "p0": [start for start, *_ in bounds],
        "p1": [start + held for start, held, *_ in bounds],
        "_k": [off for *_, off, _ in bounds],
        "_gone": [gone for *_, gone in bounds],
        "_away": [0] * len(bounds),
    }
    rows = {"_exec": [0] * len(spans), "lo": [low for low, _ in spans], "hi": [sum(span) for span in spans]}
    start, end = exp.column("p0", table="_p"), exp.column("p1", table="_p")
    found = turn(exp.select("*").from_("rows"), list_pages((), start, end, runs=False), "lo", "hi")
    found = found.select("lo", "hi", "_g._exec").where("hi + _k + _gone > _from AND lo - _k <= _to")
    with duckdb.connect() as base:
        base.register("args", pa.table({name: pa.array(held, pa.int64()) for name, held in columns.items()}))
        base.register("rows", pa.table(rows))
        return sorted(base.execute(found.sql("duckdb")).fetchall())


def meeting(spans: Spans, bounds: Bounds) -> list[Row]:
    """Say the same by trying each row with each page."""
    return sorted(
        (low, low + width, page)
        for low, width in spans
        for page, (start, held, off, gone) in enumerate(bounds)
        if low + width + off + gone > start and low - off <= start + held
    )


def test_row_meets_each_page_of_its_span_once() -> None:
    spans = [(low, width) for low in (-70, 0, 1, 63, 64, 1000, 70_000, 1 << 23) for width in WIDTHS]
    bounds = [
        (start, held, off, gone)
        for start in (0, 63, 990, 69_999)
        for held in LENGTHS
        for off in (0, 3, 70)
        for gone in GONE
    ]
    assert met(spans, bounds) == meeting(spans, bounds)


@pytest.mark.slow
@settings(max_examples=50, deadline=None)
@given(st.lists(SPANS, min_size=1, max_size=30), st.lists(BOUNDS, min_size=1, max_size=10))
def test_any_row_meets_each_page_of_its_span_once(spans: Spans, bounds: Bounds) -> None:
    assert met(spans, bounds) == meeting(spans, bounds)


def test_statements_between_which_nothing_changed_stand_at_one_moment() -> None:
    moments = {"state0_members": [FIRST_US, 20, 40], "state0_visits": [FIRST_US, 30]}
    held = list(since_when([10, 19, 20, 25, 39, 40, 90], {"state0_members"}, moments))
    assert held == [FIRST_US, FIRST_US, 20, 20, 20, 40, 40]
    assert list(since_when([25, 35], {"state0_visits", "args"}, moments)) == [FIRST_US, 30]


def test_listing_is_made_once_for_all_its_pages() -> None:
    """Two zips are listed, three pages each: rows are made for two executions."""
    query = exp.select("_p._exec", "m.id").from_(exp.to_table("args").as_("_p"))
    query = query.join("members AS m", on="m.zip = _p.p0")
    names = hangs_on(query)
    assert names == ["p0"]
    args = pa.table({"_exec": [1, 2, 3, 4, 5, 6], "p0": ["a", "b"] * 3, "p1": [0, 0, 1, 1, 2, 2]})
    members = pa.table({"id": [7, 8, 9], "zip": ["a", "b", "b"]})
    with duckdb.connect() as base:
        base.register("args", args)
        base.register("members", members)
        held = base.execute(once_each(query, names).sql("duckdb")).fetchall()
    assert sorted(held) == [(1, 7), (2, 8), (2, 9)]


def test_cluster_engine_turns_pages_too(scene: Scene) -> None:
    """A page's SQL is made of what both engines are known to mean alike."""
    seen: list[str] = []
    run = windows.cut_window

    def kept(query: exp.Query, cut: windows.Cut) -> exp.Query:
        made = run(query, cut)
        seen.append(made.sql("duckdb"))
        return made

    with patch("ashiato.engine.exposures.lineage.cut_window", kept):
        store = scene.answer(Statement("SELECT name FROM members ORDER BY zip, id LIMIT 4 OFFSET 4", rows=4))
    columns = {name: store.columns(name) for name in ("args", "state0_members")}
    assert " DIV 64" in followed_to_spark(seen[0], columns).sql
