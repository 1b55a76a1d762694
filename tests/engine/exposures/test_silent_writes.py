"""A write that fell into a silence of the database's log may have changed what its request could have."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ashiato.datamap.model import Route
from ashiato.engine.exposures.silent_writes import SilentWrites, learning
from ashiato.engine.routes import RouteBook
from tests.engine.exposures.scene import Scene, Statement, few_members, fields_of, grades_of

CONFIRMED, PROBABLE, POSSIBLE = 4, 3, 2
SECOND_US = 1_000_000
HOLE = ("silence", 200 * SECOND_US, 400 * SECOND_US)
MEMBERS = [
    {"id": n, "name": f"name-{n}", "zip": f"{n % 3:03}", "premium": 100, "note": "x"} for n in range(1, 7)
]


def change(number: int, second: int, **more: Any) -> Statement:
    """An honest request that writes a member's postcode, its key in the path and the rest in its body."""
    made = Statement(
        f"UPDATE members SET zip = '9{second:02}' WHERE id = {number}",
        rows=1,
        at_us=second * SECOND_US,
        code=204,
        target=f"/m/{number}/zip",
        hostile=False,
        method="POST",
    )
    return replace(made, **more)


def silent(number: int, second: int = 300, **more: Any) -> Statement:
    """The same with nothing of it in the database's log."""
    return change(number, second, logged=False, **more)


#: Where both logs exist, and what was set grows by no line; the database log's last is long after its hole.
LEARNED = (change(11, 20), change(12, 30), change(13, 43), change(14, 50), change(16, 900))
ASKED = Statement("SELECT name FROM members WHERE zip = '001'", rows=2, at_us=100 * SECOND_US)


@pytest.fixture
def few(scene: Scene) -> Scene:
    scene.database_holes = (HOLE,)
    return few_members(scene, MEMBERS)


def told(
    scene: Scene, *statements: Statement, routes: tuple[Route, ...] = ()
) -> list[tuple[int, str | None]]:
    """Return what may have been written in silence: the second of the request, and the statement."""
    found = SilentWrites(scene.logged(*statements), RouteBook(routes), "^$")
    return [(one.begun_us // SECOND_US + 5, text) for one, text in found.of_system("db", "postgres")]


WRITTEN = "UPDATE members SET zip = $9000 WHERE id = 5"


def test_row_that_a_silent_request_names_may_have_been_otherwise(few: Scene) -> None:
    store = few.answer(*LEARNED, ASKED, silent(5))
    assert grades_of(store) == {"1": CONFIRMED, "4": CONFIRMED, "5": POSSIBLE}
    assert {reasons for _, _, reasons in fields_of(store, "5").values()} == {"drift"}
    listed = store.rows("SELECT reason, params, events FROM limits WHERE params LIKE 'writes=%'")
    assert listed == [("drift", "writes=POST /m/{}/zip", 1)]


def test_row_that_a_silent_request_may_have_brought_in_is_not_sure(few: Scene) -> None:
    assert grades_of(few.answer(*LEARNED, ASKED, silent(4))) == {"1": CONFIRMED, "4": PROBABLE}


@pytest.mark.parametrize(("second", "in_doubt"), [(100, {"2"}), (700, set("123456"))])
def test_rows_told_by_what_they_hold_are_told_after_whatever_was_written(
    scene: Scene, second: int, in_doubt: set[str]
) -> None:
    """A log begins a moment after the web's: what nobody knows of was written before all the rest."""
    few = few_members(scene, [{**member, "premium": 101 + n} for n, member in enumerate(MEMBERS)])
    few.database_holes = (("silence", (second - 50) * SECOND_US, (second + 50) * SECOND_US),)
    told_by_what_it_holds = change(0, 600, text="UPDATE members SET note = 'y' WHERE premium = 102")
    asked = Statement("SELECT name FROM members WHERE note = 'z'", at_us=500 * SECOND_US)
    unknown = silent(5, second, target="/import")
    last = change(1, 900, text="SELECT 1", method="GET", target="/")
    assert grades_of(few.answer(unknown, asked, told_by_what_it_holds, last)).keys() == in_doubt


def test_without_a_hole_nothing_falls(few: Scene) -> None:
    few.database_holes = ()
    assert told(few, *LEARNED, silent(5)) == []


def test_key_is_taken_from_the_request(few: Scene) -> None:
    assert told(few, *LEARNED, silent(5)) == [(299, WRITTEN)]


def test_key_in_a_body_may_be_anybodys(few: Scene) -> None:
    routed = [replace(one, target="/zip") for one in (*LEARNED, silent(5))]
    assert told(few, *routed) == [(299, "UPDATE members SET zip = $9000 WHERE id = $9001")]


def test_key_that_one_person_alone_asked_with_is_not_the_next_ones(few: Scene) -> None:
    own = [change(11, 20 + n, target="/zip", session="s1") for n in range(3)]
    found = told(few, *own, LEARNED[4], silent(5, target="/zip", session="s2"))
    assert found == [(299, "UPDATE members SET zip = $9000 WHERE id = $9001")]


def test_key_that_a_session_asked_with_before_is_not_its_next_one(few: Scene) -> None:
    own = [change(11, 20 + n, target="/zip", session="s1") for n in range(3)]
    others = [change(12, 30, target="/zip", session="s3"), change(13, 31, target="/zip", session="s4")]
    found = told(few, *own, *others, LEARNED[4], silent(5, target="/zip", session="s1"))
    assert found == [(299, "UPDATE members SET zip = $9000 WHERE id = $9001")]


def test_path_of_which_one_alone_was_seen_tells_nothing_of_another(few: Scene) -> None:
    assert told(few, *LEARNED[3:4], silent(5), change(14, 900)) == [(299, None)]


def test_request_of_a_kind_never_seen_that_means_to_change_something_may_have_written_anything(
    few: Scene,
) -> None:
    assert told(few, *LEARNED, silent(5, target="/import")) == [(299, None)]


@pytest.mark.parametrize(
    "more", [{"method": "GET", "target": "/other"}, {"target": "/wp-login.php", "code": 404}]
)
def test_what_writes_nothing_by_its_method_or_status_is_left_alone(few: Scene, more: dict[str, Any]) -> None:
    assert told(few, *LEARNED, silent(5, **more)) == []


def test_kind_seen_often_without_a_write_writes_nothing(few: Scene) -> None:
    logins = [change(1, 60 + n, text="SELECT 1", target="/login") for n in range(3)]
    assert told(few, *LEARNED, *logins, silent(5, target="/login")) == []


def test_words_of_a_write_that_somebody_typed_into_a_query_write_nothing(few: Scene) -> None:
    typed = "SELECT name FROM members WHERE name = replace (1, 'x') OR name = 'update members set zip'"
    asked = [change(1, 60 + n, text=typed, target="/find", method="GET", hostile=True) for n in range(4)]
    assert told(few, *LEARNED, *asked, silent(5, target="/find", method="GET")) == []


def test_kind_writes_though_an_intruder_asked_often_and_wrote_nothing(few: Scene) -> None:
    flood = [change(5, 60, text="SELECT 1", hostile=True, target=f"/m/{n}/zip") for n in range(100)]
    assert told(few, *LEARNED, *flood, silent(5)) == [(299, WRITTEN)]


@pytest.mark.parametrize("rare", range(2))
def test_kind_that_writes_rarely_writes(few: Scene, rare: int) -> None:
    asked = [change(1, 60 + n, text="SELECT 1", target=f"/m/{n}/zip") for n in range(130)]
    one = replace(LEARNED[rare], target="/m/2/zip")
    second, text = told(few, *asked, one, LEARNED[4], silent(5))[-1]
    assert (second, text) == (299, "UPDATE members SET zip = $9000 WHERE id = $9001")


def test_statement_that_few_of_a_kind_run_may_be_missing(few: Scene) -> None:
    usual = [change(1 + n, 60 + n * n % 37) for n in range(30)]
    rare = change(7, 100, text="DELETE FROM visits WHERE member_id = 7")
    assert told(few, LEARNED[0], *usual, rare, LEARNED[4], silent(5)) == [
        (299, WRITTEN),
        (299, "DELETE FROM visits WHERE member_id = $9000"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "EXPLAIN ANALYZE UPDATE members SET zip = '9' WHERE id = {}",
        "EXPLAIN (ANALYZE, BUFFERS) DELETE FROM members WHERE id = {}",
        "SELECT 1 FROM visits WHERE reason = 'it''s'; UPDATE members SET zip = '9' WHERE id = {}",
        "WITH gone AS (DELETE FROM visits WHERE id = {} RETURNING id) SELECT * FROM gone",
        "WITH new AS (SELECT {} AS id) INSERT INTO members SELECT id FROM new",
    ],
)
def test_write_behind_a_word_that_reads_is_one(few: Scene, text: str) -> None:
    numbers = (11, 12, 13, 14, 16)
    known = [replace(one, text=text.format(n)) for n, one in zip(numbers, LEARNED, strict=True)]
    assert [second for second, _ in told(few, *known, silent(5))] == [299]


@pytest.mark.parametrize(
    "text",
    [
        "EXPLAIN UPDATE members SET zip = '9' WHERE id = {}",
        "SELECT name FROM members WHERE note = '; delete from members' AND id = {}",
    ],
)
def test_plan_that_is_only_told_and_words_that_are_quoted_write_nothing(few: Scene, text: str) -> None:
    known = [change(n, 60 + n, text=text.format(n), target="/p", method="GET") for n in range(4)]
    assert told(few, *LEARNED, *known, silent(5, target="/p", method="GET")) == []


def test_writes_that_may_be_anybodys_make_no_reader_a_writer(few: Scene) -> None:
    beside = [change(1, 60 + n, target="/find", method="GET", confidence=0.1, candidates=9) for n in range(4)]
    assert told(few, *LEARNED, *beside, silent(5, target="/find", method="GET")) == []


def test_request_by_get_writes_where_its_kind_does(few: Scene) -> None:
    by_get = [replace(one, method="GET") for one in (*LEARNED, silent(5))]
    assert told(few, *by_get) == [(299, WRITTEN)]


def test_write_that_is_logged_but_was_not_joined_is_no_silent_one(few: Scene) -> None:
    few.database_holes = (("session-lines-missing", *HOLE[1:]),)
    unjoined = change(5, 300, confidence=0.4, candidates=2)
    assert told(few, *LEARNED, unjoined) == []


def test_two_requests_do_not_share_one_logged_write(few: Scene) -> None:
    few.database_holes = (("session-lines-missing", *HOLE[1:]),)
    unjoined = change(5, 300, confidence=0.4, candidates=2)
    assert [second for second, _ in told(few, *LEARNED, unjoined, silent(5, 301))] == [299, 300]


def test_logged_write_of_another_key_is_another_requests(few: Scene) -> None:
    few.database_holes = (("session-lines-missing", *HOLE[1:]),)
    unjoined = change(5, 300, confidence=0.4, candidates=2)
    assert told(few, *LEARNED, unjoined, silent(2, 301)) == [(300, WRITTEN.replace("5", "2"))]


@pytest.mark.parametrize("confidence", [0.4, 0.99])
def test_write_of_the_requests_key_is_missing_where_one_of_another_is_logged(
    few: Scene, confidence: float
) -> None:
    few.database_holes = (("session-lines-missing", *HOLE[1:]),)
    other = replace(change(5, 300, confidence=confidence), target="/m/4/zip")
    assert told(few, *LEARNED, other) == [(299, WRITTEN.replace("5", "4"))]


@pytest.mark.parametrize("written", ["'5'", "$1"])
def test_value_logged_in_another_writing_is_the_same(few: Scene, written: str) -> None:
    few.database_holes = (("session-lines-missing", *HOLE[1:]),)
    text = f"UPDATE members SET zip = '9' WHERE id = {written}"
    bound = change(5, 300, confidence=0.4, text=text, binds="$1 = '5'" if "$" in written else None)
    assert told(few, *LEARNED, bound) == []


def twice(number: int, second: int, *, times: int = 2) -> tuple[Statement, ...]:
    """Two writes of one request, of which the log has so many; the request's place is given by ``placed``."""
    again = f"UPDATE members SET zip = '9{second:02}' WHERE id = {number + 20}"
    first = change(number, second)
    return (first, replace(first, text=again, code=None, beside=-1, logged=times > 1))


def placed(*statements: Statement) -> list[Statement]:
    """Tell each statement that runs beside the one before it so."""
    return [
        replace(one, beside=place - 1) if one.beside is not None else one
        for place, one in enumerate(statements)
    ]


def test_statement_that_a_request_runs_twice_is_logged_twice_or_missing(few: Scene) -> None:
    few.database_holes = (("session-lines-missing", *HOLE[1:]),)
    learned = [*twice(11, 20), *twice(12, 30), *twice(13, 43), *twice(14, 50), *twice(16, 900)]
    either = "UPDATE members SET zip = $9000 WHERE id = $9001"
    assert told(few, *placed(*learned, *twice(5, 300, times=1))) == [(299, either)]
    assert told(few, *placed(*learned, *twice(5, 300))) == []


def test_request_whose_kind_runs_a_statement_twice_at_times_may_lack_one(few: Scene) -> None:
    few.database_holes = (("session-lines-missing", *HOLE[1:]),)
    seen = [*LEARNED, *twice(15, 60)]
    found = [second for second, _ in told(few, *placed(*seen, change(5, 300)))]
    assert found == [19, 899, 299]


def test_row_behind_the_lost_one_of_two_runs_may_have_been_otherwise(few: Scene) -> None:
    few.database_holes = (("session-lines-missing", *HOLE[1:]),)
    learned = [*twice(11, 20), *twice(12, 30), *twice(13, 43), *twice(14, 50), *twice(16, 900)]
    found = grades_of(few.answer(*placed(*learned, ASKED, *twice(31, 300, times=1))))
    assert found == {"1": PROBABLE, "4": PROBABLE} | dict.fromkeys(("2", "3", "5", "6"), POSSIBLE)


def test_data_map_says_each_run_of_one_statement_by_its_key(few: Scene) -> None:
    few.database_holes = (("session-lines-missing", *HOLE[1:]),)
    move = "UPDATE members SET zip = '1' WHERE id = {%s}"
    route = Route("/m/{one}/{other}", methods=("POST",), statements=(move % "one", move % "other"))
    half = change(9, 300, target="/m/7/9", text=(move % "x").replace("{x}", "9"))
    outside = [replace(one, target="/other") for one in LEARNED]
    assert told(few, *outside, half, routes=(route,)) == [(299, (move % "x").replace("{x}", "7"))]


def test_what_the_data_map_alone_tells_of_goes_with_what_is_logged(few: Scene) -> None:
    few.database_holes = (("session-lines-missing", *HOLE[1:]),)
    unseen = "DELETE FROM visits WHERE member_id = {id}"
    written = LEARNED[0].text.replace("11", "{id}")
    route = Route("/m/{id}/zip", methods=("POST",), statements=(written, unseen))
    found = told(few, *LEARNED, change(5, 300), routes=(route,))
    assert (299, unseen.replace("{id}", "5")) in found


def test_statement_that_cannot_be_filled_may_have_been_anything(few: Scene) -> None:
    route = Route("/m/{id}/gone", methods=("DELETE",), statements=("DELETE members FROM WHERE id = '{id}'",))
    gone = silent(5, method="DELETE", target="/m/a%20b/gone")
    assert told(few, *LEARNED, gone, routes=(route,)) == [(299, None)]


def test_log_that_is_over_or_not_begun_is_silent(few: Scene) -> None:
    few.database_holes = ()
    early, late = silent(5, 2), silent(5, 950)
    assert told(few, *LEARNED, early, late) == [(1, WRITTEN), (949, WRITTEN)]


def test_data_map_says_what_a_route_writes(few: Scene) -> None:
    route = Route("/m/{id}/gone", methods=("DELETE",), statements=("DELETE FROM members WHERE id = {id}",))
    gone = silent(5, method="DELETE", target="/m/5/gone")
    assert told(few, *LEARNED, gone, routes=(route,)) == [(299, "DELETE FROM members WHERE id = 5")]


def test_data_map_says_that_a_route_only_reads(few: Scene) -> None:
    route = Route("/find", methods=("POST",), statements=("SELECT * FROM members",))
    assert told(few, *LEARNED, silent(5, target="/find"), routes=(route,)) == []


def test_request_of_which_nothing_is_known_puts_every_row_in_doubt(few: Scene) -> None:
    found = grades_of(few.answer(*LEARNED, ASKED, silent(5, target="/import")))
    assert found == {"1": PROBABLE, "4": PROBABLE} | dict.fromkeys(("2", "3", "5", "6"), POSSIBLE)


def test_statements_that_never_went_together_are_not_missing_beside_each_other(few: Scene) -> None:
    few.database_holes = (("session-lines-missing", *HOLE[1:]),)
    gone = [replace(one, text=f"DELETE FROM visits WHERE id = {n}") for n, one in enumerate(LEARNED[:3])]
    assert told(few, *gone, *LEARNED, change(5, 300)) == []


def test_what_few_requests_do_is_taught_by_all_of_many(few: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    few.database_holes = (("session-lines-missing", *HOLE[1:]),)
    monkeypatch.setattr(learning, "_MOST_SAMPLES", 4)
    seen = [*LEARNED, *twice(15, 60), *LEARNED[1:3]]
    found = told(few, *placed(*seen, change(5, 300)))
    assert found[-1] == (299, WRITTEN)


def test_clocks_differ_by_pairs_of_logs(few: Scene) -> None:
    few.skews = [("pg.log", 37 * SECOND_US), ("other.log", -50 * SECOND_US)]
    assert told(few, *LEARNED, silent(5, 250)) == [(249 + 37, WRITTEN)]


def test_clock_that_was_set_shows_in_what_bears_a_trace(few: Scene) -> None:
    later = change(12, 100, how="trace", request_at_us=40 * SECOND_US)
    (found,) = SilentWrites(few.logged(*LEARNED, later, silent(5)), RouteBook(()), "^$").of_system(
        "db", "postgres"
    )
    asking, text = found
    assert text == WRITTEN
    assert asking.begun_us // SECOND_US == 294
    assert asking.ended_us // SECOND_US == 300 + 60
