from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import pytest

from ashiato.datamap.model import Answer, Route
from ashiato.engine.store import Store
from tests.engine.exposures.scene import MEMBER_ROWS, Scene, Statement, fields_of, grades_of, keys

CONFIRMED, PROBABLE, POSSIBLE = 4, 3, 2
LATER_US = 9_000_000_000
BY_KEY = Route("/members/{id}", statements=("SELECT id, name, zip FROM members WHERE id = {id}",))
SEARCH = Route("/search", statements=("SELECT name, zip FROM members WHERE name LIKE '%{q}%' ORDER BY id",))


def asked(target: str, body_bytes: int | None = 900, at_us: int = 1_000, **more: object) -> Statement:
    """A hostile request that the database log says nothing of."""
    given = {"logged": False, **more}
    return Statement("", target=target, body_bytes=body_bytes, at_us=at_us, **given)  # type: ignore[arg-type]


def seen(target: str, text: str, at_us: int, **more: object) -> Statement:
    """An honest request of which both logs tell."""
    return Statement(text, rows=1, target=target, at_us=at_us, hostile=False, **more)  # type: ignore[arg-type]


def reasons_of(store: Store, key: str) -> set[str]:
    """The reasons given for one member."""
    return {reasons for _, _, reasons in fields_of(store, key).values()}


def weight_of(number: int) -> int:
    """The bytes of member ``number`` in a reply of 40 bytes of wrapping."""
    row = MEMBER_ROWS[number - 1]
    return 40 + sum(len(str(row[name])) for name in ("id", "name", "zip"))


def test_key_in_the_url_and_bytes_that_fit_confirm(scene: Scene) -> None:
    scene.routes = (BY_KEY,)
    replies = [asked(f"/members/{n}", weight_of(n)) for n in range(1, 16)]
    odd = asked("/members/20", 5_000)
    store = scene.answer(*replies, odd)
    grades = grades_of(store)
    assert {key for key, grade in grades.items() if grade == CONFIRMED} == keys(*range(1, 16))
    assert grades["20"] == PROBABLE
    assert reasons_of(store, "20") == {"web-only"}
    assert set(grades) == keys(*range(1, 16), 20)
    assert set(fields_of(store, "1")) == {"members.id", "members.name", "members.zip"}


@pytest.mark.slow
def test_column_empty_today_may_have_been_filled_unlogged(scene: Scene) -> None:
    scene.routes = (Route("/notes/{id}", statements=("SELECT id, note FROM members WHERE id = {id}",)),)
    told = fields_of(scene.answer(asked("/notes/4")), "4")
    assert told["members.id"][0] == PROBABLE
    assert told["members.note"] == (POSSIBLE, "L2", "value-changed")
    logged = scene.answer(Statement("SELECT id, note FROM members WHERE id = 4", rows=1, target="/notes/4"))
    assert set(fields_of(logged, "4")) == {"members.id"}


def test_bytes_settle_nothing_where_they_follow_no_rule(scene: Scene) -> None:
    scene.routes = (BY_KEY,)
    replies = [asked(f"/members/{n}", 700 + 97 * (n * n % 31)) for n in range(1, 16)]
    assert set(grades_of(scene.answer(*replies)).values()) == {PROBABLE}


def test_only_rows_that_a_reply_carried_alone_are_weighed(scene: Scene) -> None:
    """Weighing every table of a wide schema costs more memory than there is."""
    scene.routes = (BY_KEY,)
    store = scene.answer(*(asked(f"/members/{n}", weight_of(n)) for n in range(1, 4)))
    weighed = store.rows("SELECT DISTINCT _table, row_ord FROM value_sizes ORDER BY 2")
    assert [row for _, row in weighed] == [0, 1, 2]
    assert len({table for table, _ in weighed}) == 1


def test_refused_or_empty_replies_reach_nobody(scene: Scene) -> None:
    scene.routes = (BY_KEY,)
    refused = asked("/members/4", 60, code=403)
    empty = asked("/members/5", 0)
    assert grades_of(scene.answer(asked("/members/3"), refused, empty)).keys() == keys(3)


def test_page_that_anybody_gets_reaches_nobody(scene: Scene) -> None:
    visits = [asked("/welcome", 321, address=f"203.0.113.{n}") for n in range(4)]
    assert grades_of(scene.answer(*visits)) == {}


def test_route_nobody_knows_may_have_carried_anything(scene: Scene) -> None:
    store = scene.answer(asked("/report?kind=7"))
    assert set(grades_of(store)) == keys(*range(1, 31))
    assert set(grades_of(store).values()) == {POSSIBLE}
    assert reasons_of(store, "1") == {"web-only"}


@pytest.mark.parametrize(
    ("path", "reached"), [("/old/members.csv.gz", range(1, 31)), ("/old/welcome.html", ())]
)
def test_file_of_data_that_nobody_sealed_may_have_held_everybody(
    scene: Scene, path: str, reached: Sequence[int]
) -> None:
    alive = [Statement("SELECT title FROM clinics WHERE id = 1", hostile=False, at_us=n) for n in (10, 90)]
    store = scene.answer(*alive, asked(path, 85_000))
    assert grades_of(store) == dict.fromkeys(keys(*reached), POSSIBLE)
    assert all(reasons_of(store, str(n)) == {"non-sql-path"} for n in reached)


def test_only_table_there_is_may_have_been_carried(scene: Scene) -> None:
    """One table to choose from settles nothing: not that the request read it."""
    scene.tables = {"members": scene.tables["members"]}
    store = scene.answer(asked("/report?kind=7"))
    assert grades_of(store) == dict.fromkeys(keys(*range(1, 31)), POSSIBLE)


def test_route_that_answers_nothing_reaches_nobody(scene: Scene) -> None:
    scene.routes = (Route("/report", answer=Answer(columns=())),)
    assert grades_of(scene.answer(asked("/report?kind=7"))) == {}


def test_table_named_by_the_path_is_looked_up(scene: Scene) -> None:
    store = scene.answer(asked("/api/members/12"), asked("/api/members/13/visits"))
    assert grades_of(store) == {"12": PROBABLE, "13": PROBABLE}
    assert any(field.startswith("visits.") for field in fields_of(store, "13"))


def test_injected_union_is_replayed_in_the_route_statement(scene: Scene) -> None:
    scene.routes = (SEARCH,)
    payload = "zzz%' UNION SELECT name, note FROM members WHERE id IN (7, 9) -- "
    store = scene.answer(asked(f"/search?q={quote(payload)}"))
    assert set(grades_of(store)) == keys(7, 9)
    assert "members.note" in fields_of(store, "7")


def test_quote_in_a_value_may_have_been_escaped(scene: Scene) -> None:
    rows = [dict(row, name="O'Hara") if row["id"] == 8 else row for row in MEMBER_ROWS]
    scene.rows = {**scene.rows, "members": rows}
    scene.routes = (SEARCH,)
    assert set(grades_of(scene.answer(asked(f"/search?q={quote(chr(39) + 'Hara')}")))) == keys(8)


def test_value_that_no_log_holds_widens_its_tables(scene: Scene) -> None:
    scene.routes = (Route("/visit", statements=("SELECT reason FROM visits WHERE clinic_id = {clinic}",)),)
    grades = grades_of(scene.answer(asked("/visit")))
    assert set(grades) == keys(*range(1, 16))
    assert set(grades.values()) == {POSSIBLE}


def test_request_that_names_nobody_is_about_the_asker(scene: Scene) -> None:
    grades = grades_of(scene.answer(asked("/mypage", account="name-17")))
    assert grades == {"17": PROBABLE}


@pytest.mark.parametrize("method", ["POST", "PUT", "QUERY"])
def test_what_a_body_asked_for_is_unknown_whoever_asked(scene: Scene, method: str) -> None:
    store = scene.answer(asked("/mypage", account="name-17", method=method))
    assert grades_of(store) == dict.fromkeys(keys(*range(1, 31)), POSSIBLE)


def test_request_without_a_method_is_no_request_lost(scene: Scene) -> None:
    store = scene.answer(asked("/members/12", method=None))
    assert grades_of(store) == {"12": PROBABLE}


def test_statements_are_learned_where_both_logs_exist(scene: Scene) -> None:
    """The OFFSET grows by ten a page, and the name stands between two wildcards."""
    page_sql = "SELECT name FROM members WHERE name LIKE '%name-{}%' ORDER BY id LIMIT 10 OFFSET {}"
    habit = [
        seen(f"/list?page={page}&q=name-{n}", page_sql.format(n, 10 * page - 10), LATER_US + n)
        for n, page in enumerate((1, 2, 3, 2, 1, 4), start=1)
    ]
    store = scene.answer(*habit, asked("/list?page=2&q=name-", at_us=1_000))
    assert set(grades_of(store)) == keys(*range(11, 21))
    assert set(grades_of(store).values()) == {PROBABLE}


@pytest.mark.slow
def test_what_a_session_decides_is_known_for_its_other_requests(scene: Scene) -> None:
    habit = [
        seen("/mine", f"SELECT name FROM members WHERE id = {n}", LATER_US + n, session=f"s{n}")
        for n in (3, 4, 5, 3, 4, 5)
    ]
    known = asked("/mine", session="s4")
    assert grades_of(scene.answer(*habit, known)) == {"4": PROBABLE}
    unknown = asked("/mine", session="s9")
    assert set(grades_of(scene.answer(*habit, unknown))) == keys(*range(1, 31))


def test_request_beside_a_whole_log_ran_what_was_logged(scene: Scene) -> None:
    """Statements of others are logged all the time and this kind of request never has one: it ran none."""
    others = [
        seen(
            f"/members/{n}", f"SELECT name FROM members WHERE id = {n}", 1_000 * n, address=f"198.51.100.{n}"
        )
        for n in range(1, 6)
    ]
    assert grades_of(scene.answer(*others, asked("/report?kind=7", at_us=3_000))) == {}
