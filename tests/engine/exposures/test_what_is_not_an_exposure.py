"""Rows that were read and not sent, condensed, or merely used reach nobody above what they prove."""

from __future__ import annotations

import pytest

from ashiato.datamap.model import Answer, Route
from ashiato.terms.grades import Grade
from tests.engine.exposures.scene import Scene, Statement, fields_of, grades_of, keys

POINT = "SELECT name, zip, note FROM members WHERE id = 7"
POSSIBLE = Grade.POSSIBLE.value


def test_refused_reply_of_the_data_map_withholds(scene: Scene) -> None:
    """The data map says which statuses carry rows; a 403 is none of them."""
    scene.routes = (Route("/m/{id}", answer=Answer(success=(200,))),)
    store = scene.answer(Statement(POINT, rows=1, code=403, target="/m/7"))
    assert grades_of(store) == {}
    assert store.rows("SELECT reason, events FROM limits") == [("existence", 1), ("withheld", 1)]


def test_reply_that_only_may_be_a_statements_withholds_nothing(scene: Scene) -> None:
    """Of two requests the likelier shows nothing; the other may have carried the row all the same."""
    scene.routes = (Route("/login", answer=Answer(columns=())),)
    login = Statement("SELECT title FROM clinics WHERE id = 1", target="/login", code=303, body_bytes=0)
    export = Statement(POINT, rows=1, target="/export", confidence=0.3, candidates=2, rather=0)
    grades = grades_of(scene.answer(login, export))
    assert grades.keys() == keys(7)
    assert grades["7"] >= POSSIBLE


def test_refusal_page_equal_to_the_byte_withholds(scene: Scene) -> None:
    """Three refusals of three people, equal to the byte, carry nobody's name."""
    refused = [
        Statement(
            f"SELECT name FROM members WHERE id = {n}", rows=1, code=403, target=f"/m/{n}", body_bytes=28
        )
        for n in (5, 6, 7)
    ]
    assert grades_of(scene.answer(*refused)) == {}


def test_refusals_of_differing_length_count_as_usual(scene: Scene) -> None:
    refused = [
        Statement(
            f"SELECT name FROM members WHERE id = {n}", rows=1, code=403, target=f"/m/{n}", body_bytes=28 + n
        )
        for n in (5, 6, 7)
    ]
    assert grades_of(scene.answer(*refused)) == dict.fromkeys(keys(5, 6, 7), Grade.PROBABLE.value)


def test_columns_the_route_drops_are_not_reached(scene: Scene) -> None:
    answer = Answer(columns=("members.*",), drops=("members.note",), success=(200,))
    shown = "SELECT name, zip, note FROM members WHERE id = {id}"
    scene.routes = (Route("/m/{id}", statements=(shown,), answer=answer),)
    store = scene.answer(Statement(POINT, rows=1, target="/m/7"))
    assert set(fields_of(store, "7")) == {"members.name", "members.zip"}


_LIST = "SELECT name, zip, note FROM members WHERE id IN ({})"
#: Lists of the intruder's, each with one that the data map tells of.
LISTS = {
    "longer": ("7, 9", "{id}"),
    "shorter": ("7", "{id}, {id}"),
    "close": ("7,9", "1, 2, 3"),
    "text": ("'7', '9'", "{ids}"),
    "cast": ("7::INTEGER, 9::INTEGER", "1::integer"),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", LISTS)
def test_a_list_of_another_length_is_the_statement_of_the_map(scene: Scene, case: str) -> None:
    asked, told = LISTS[case]
    answer = Answer(drops=("members.note",), success=(200,))
    scene.routes = (Route("/m", statements=(_LIST.format(told),), answer=answer),)
    store = scene.answer(Statement(_LIST.format(asked), target="/m"))
    assert set(fields_of(store, "7")) == {"members.name", "members.zip"}


@pytest.mark.slow
def test_a_list_that_holds_more_than_values_is_a_statement_of_its_own(scene: Scene) -> None:
    answer = Answer(drops=("members.note",), success=(200,))
    scene.routes = (Route("/m", statements=(_LIST.format("{id}"),), answer=answer),)
    for asked in (
        "7, id - 1",
        "7) OR id IN (id",
        "7, (SELECT 9)",
        "7) UNION SELECT name, zip, note FROM members WHERE id IN (7",
    ):
        store = scene.answer(Statement(_LIST.format(asked), target="/m"))
        assert "members.note" in fields_of(store, "7"), asked


def test_injected_columns_are_never_withheld_by_the_map(scene: Scene) -> None:
    """A route made to show clinics shows whatever a UNION puts in their place."""
    answer = Answer(columns=("clinics.*",), success=(200,))
    shown = "SELECT title FROM clinics WHERE title LIKE '%{q}%'"
    scene.routes = (Route("/clinics", statements=(shown,), answer=answer),)
    union = (
        "SELECT title FROM clinics WHERE title LIKE '%x' UNION ALL SELECT name FROM members WHERE id = 9-- %'"
    )
    store = scene.answer(Statement(union, rows=1, target="/clinics"))
    assert fields_of(store, "9") == {"members.name": (Grade.CONFIRMED.value, "L3", "")}


def test_sign_in_form_that_answers_nothing_reaches_nobody(scene: Scene) -> None:
    scene.routes = (Route("/login", answer=Answer(columns=()), login=True),)
    honest = Statement(POINT.replace("7", "8"), rows=1, target="/login", hostile=False)
    assert grades_of(scene.answer(Statement(POINT, rows=1, target="/login"), honest)) == {}


def test_statement_the_server_refused_reaches_nobody(scene: Scene) -> None:
    """A syntax error never ran."""
    broken = Statement("SELECT name FROM members WHERE id = 'x''", code=500, error_code="42601")
    assert grades_of(scene.answer(broken)) == {}


@pytest.mark.parametrize(
    ("text", "code", "least"),
    [
        ("SELECT zzz FROM members WHERE id = 3", "42703", 0),
        ("SELECT name FROM members WHERE id = 3; SELECT 1 FORM x", "42601", 0),
        ("SELECT name FROM members WHERE id = 3; SELECT zzz", "42703", 1),
        ("SELECT name FROM members WHERE query_to_xml('SELECT zzz', true, true, '') IS NULL", "42703", 30),
    ],
)
def test_what_means_nothing_may_stand_behind_what_ran(scene: Scene, text: str, code: str, least: int) -> None:
    """A name is looked up as each statement is read, and within a query as the function runs it."""
    refused = Statement(text, code=500, error_code=code, rows=None)
    assert len(grades_of(scene.answer(refused))) >= least
    assert bool(least) is bool(grades_of(scene.answer(refused)))


@pytest.mark.parametrize(
    "asked",
    [
        "SELECT last_value, name FROM public.members_id_seq",
        "SELECT last_value, is_called FROM archive_members",
        "SELECT s.last_value, s.is_called FROM archive_seq AS s(last_value, is_called)",
        "SELECT last_value, is_called FROM archive_seq LIMIT 5",
        "SELECT last_value, is_called FROM archive_seq WHERE is_called",
        "SELECT last_value, is_called FROM (SELECT * FROM archive) AS archive_seq",
        "SELECT last_value, upper(is_called) AS is_called FROM archive_seq",
    ],
)
def test_sequences_hold_nobody(scene: Scene, asked: str) -> None:
    """As a dump asks each for its state; a relation nobody knows that is asked otherwise may be a view."""
    whole = "SELECT last_value, is_called FROM public.members_id_seq"
    assert grades_of(scene.answer(Statement(whole, rows=1))) == {}
    nobody_knows = Statement("SELECT * FROM archive", rows=1)
    assert grades_of(scene.answer(Statement(asked, rows=1))) == grades_of(scene.answer(nobody_knows)) != {}


def test_statement_that_failed_while_running_stays_possible(scene: Scene) -> None:
    """Rows may have streamed before the time-out."""
    late = Statement("SELECT name FROM members WHERE zip = '002'", code=None, error_code="57014")
    store = scene.answer(late)
    assert set(grades_of(store).values()) == {POSSIBLE}
    assert fields_of(store, "2")["members.name"][2] == "failed"


@pytest.mark.parametrize(("zip_code", "expected"), [("001", {}), ("001' AND id < 20 AND id > '3", None)])
def test_large_groups_disclose_nobody(scene: Scene, zip_code: str, expected: dict[str, int] | None) -> None:
    """Ten people or more behind a count disclose nobody; fewer are possible."""
    store = scene.answer(Statement(f"SELECT count(*) FROM members WHERE zip = '{zip_code}'", rows=1))
    if expected is not None:
        assert grades_of(store) == expected
    else:
        assert grades_of(store) == dict.fromkeys(keys(4, 7, 10, 13, 16, 19), POSSIBLE)


def test_extreme_of_a_large_group_points_at_its_holders(scene: Scene) -> None:
    """MAX discloses a value whose owner is one of those who hold it."""
    holders = {str(n) for n in range(1, 31) if n % 4 == 3}
    assert grades_of(scene.answer(Statement("SELECT max(premium) FROM members", rows=1))) == dict.fromkeys(
        holders, POSSIBLE
    )


def test_distinct_values_lose_their_owner(scene: Scene) -> None:
    store = scene.answer(Statement("SELECT DISTINCT zip FROM members WHERE id < 4 OR id = 28", rows=3))
    assert grades_of(store)["2"] >= Grade.PROBABLE.value
    assert {grades_of(store)[key] for key in keys(1, 28)} == {POSSIBLE}


def test_existence_involves_its_witnesses(scene: Scene) -> None:
    """Rows behind EXISTS and IN took part: possible, and the reply's own rows are another matter."""
    text = "SELECT title FROM clinics WHERE EXISTS (SELECT 1 FROM members WHERE zip = '002')"
    witnesses = {str(n) for n in range(1, 31) if n % 3 == 2}
    assert grades_of(scene.answer(Statement(text, rows=2))) == dict.fromkeys(witnesses, POSSIBLE)


def test_catalogue_reads_reach_nobody(scene: Scene) -> None:
    text = "SELECT title FROM clinics UNION ALL SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    assert grades_of(scene.answer(Statement(text, rows=9))) == {}


def test_honest_statements_are_not_looked_at(scene: Scene) -> None:
    assert grades_of(scene.answer(Statement(POINT, rows=1, hostile=False))) == {}


def test_ambiguous_request_keeps_the_grade_probable(scene: Scene) -> None:
    """A shared database user, two requests at once: the statement may be the other one's."""
    shared = Statement(POINT, rows=1, candidates=2, confidence=0.5)
    assert fields_of(scene.answer(shared), "7")["members.name"] == (3, "L2", "pooled-user")


def test_row_whose_values_are_empty_is_named_by_what_decided(scene: Scene) -> None:
    """Member 2 has no note: nothing of it went out, but that it is there did."""
    store = scene.answer(Statement("SELECT note FROM members WHERE id = 2", rows=1))
    assert fields_of(store, "2") == {"members.id": (POSSIBLE, "L1", "")}


@pytest.mark.slow
def test_column_that_only_joined_is_not_called_delivered(scene: Scene) -> None:
    text = "SELECT v.reason FROM members m JOIN visits v ON v.member_id = m.id WHERE v.id = 503"
    fields = fields_of(scene.answer(Statement(text, rows=1)), "4")
    assert {name: rung for name, (_, rung, _) in fields.items()} == {"visits.reason": "L3"}
    there = fields_of(scene.answer(Statement("SELECT 1 FROM members WHERE id = 3", rows=1)), "3")
    assert there == {"members.id": (POSSIBLE, "L1", "blind")}


def test_rows_copied_beside_are_staged_not_sent(scene: Scene) -> None:
    text = "INSERT INTO clinics (id, title) SELECT id, name FROM members WHERE id = 1"
    assert fields_of(scene.answer(Statement(text, rows=1)), "1") == {
        "members.id": (POSSIBLE, "L1", ""),
        "members.name": (POSSIBLE, "L1", ""),
    }


@pytest.mark.parametrize("value", ["m", "row_to_json(m)", "to_jsonb(m.*)"])
def test_whole_row_as_a_value_names_every_column(scene: Scene, value: str) -> None:
    store = scene.answer(Statement(f"SELECT {value} FROM members m WHERE id = 1", rows=1))
    assert set(fields_of(store, "1")) == {f"members.{n}" for n in ("id", "name", "zip", "premium", "note")}


def test_pieces_put_together_as_tools_do_carry_their_values(scene: Scene) -> None:
    """Marks between values, and a blank for NULL: what a tool pastes around columns hides none of them."""
    text = (
        "SELECT CHR(113)||COALESCE(CAST(name AS VARCHAR(10000))::text,CHR(32))||CHR(105)"
        "||COALESCE(CAST(zip AS VARCHAR(10000))::text,CHR(32)) FROM members WHERE id = 3"
    )
    fields = fields_of(scene.answer(Statement(text, rows=1)), "3")
    assert {name: rung for name, (_, rung, _) in fields.items()} == {
        "members.name": "L3",
        "members.zip": "L3",
    }


def test_extreme_may_be_of_whoever_was_written_since(scene: Scene) -> None:
    """Of rows whose value may have been otherwise then, any may have held the extreme."""
    later = Statement(
        "UPDATE members SET premium = 99 WHERE zip = '001'", rows=10, at_us=5_000, code=None, hostile=False
    )
    found = grades_of(scene.answer(Statement("SELECT max(premium) FROM members", rows=1), later))
    assert keys(*range(1, 31, 3)) <= set(found)
    assert set(found.values()) == {POSSIBLE}
