"""Error-based injection: a value the server's own message prints was seen, and tied to its row."""

from __future__ import annotations

from ashiato.terms.grades import Grade
from tests.engine.exposures.scene import Scene, Statement, fields_of, grades_of, keys

STOLEN = (
    "SELECT title FROM clinics WHERE title LIKE '%x%' AND 4242=CAST((CHR(113)||CHR(118))||"
    "(SELECT COALESCE(CAST(name AS VARCHAR(100))::text,CHR(32)) FROM members ORDER BY id OFFSET 11 LIMIT 1)"
    "::text||(CHR(113)) AS NUMERIC)"
)


def test_printed_value_is_seen_outside(scene: Scene) -> None:
    text = 'invalid input syntax for type numeric: "qvname-12q"'
    store = scene.answer(Statement(STOLEN, code=500, error_code="22P02", error_text=text))
    assert grades_of(store) == {"12": Grade.CONFIRMED.value}
    assert fields_of(store, "12") == {"members.name": (Grade.CONFIRMED.value, "L4", "")}
    assert store.rows("SELECT record_key, field, value, state FROM recovered") == [
        ("12", "members.name", "name-12", "complete")
    ]


def test_value_printed_from_a_sort_key_is_seen_too(scene: Scene) -> None:
    """An injection through ORDER BY: the subquery stands in the sort key."""
    text = (
        "SELECT title FROM clinics ORDER BY (CAST((CHR(113))||(SELECT COALESCE(CAST(zip AS VARCHAR(9))::text,"
        "CHR(32)) FROM public.members ORDER BY id OFFSET 7 LIMIT 1)::text||(CHR(113)) AS NUMERIC)) LIMIT 30"
    )
    message = 'invalid input syntax for type numeric: "q002q"'
    store = scene.answer(Statement(text, code=500, error_code="22P02", error_text=message))
    assert fields_of(store, "8") == {"members.zip": (Grade.CONFIRMED.value, "L4", "")}
    assert set(grades_of(store)) == keys(8)


def test_printed_value_is_seen_where_the_log_has_no_codes(scene: Scene) -> None:
    text = 'invalid input syntax for type numeric: "qvname-12q"'
    store = scene.answer(Statement(STOLEN, code=500, error_text=text))
    assert fields_of(store, "12") == {"members.name": (Grade.CONFIRMED.value, "L4", "")}


def test_message_without_the_value_only_involves(scene: Scene) -> None:
    text = "canceling statement due to statement timeout"
    store = scene.answer(Statement(STOLEN, code=500, error_code="57014", error_text=text))
    assert fields_of(store, "12")["members.name"][:2] == (Grade.POSSIBLE.value, "L1")
    assert store.rows("SELECT count(*) FROM recovered") == [(0,)]


def test_counts_in_a_message_name_nobody(scene: Scene) -> None:
    text = "SELECT title FROM clinics WHERE 1=CAST((SELECT COUNT(*) FROM members)::text||'q' AS NUMERIC)"
    counted = Statement(
        text, code=500, error_code="22P02", error_text='invalid input syntax for type numeric: "30q"'
    )
    assert grades_of(scene.answer(counted)) == {}


def test_union_through_the_site_template_is_replayed(scene: Scene) -> None:
    """A dump by UNION: one row at a time, no order, through the route's own statement."""
    union = (
        "SELECT title, id FROM clinics WHERE title LIKE '%-31%' UNION ALL SELECT "
        "(SELECT CHR(113)||name||CHR(113) FROM public.members OFFSET {} LIMIT 1),NULL"
        "-- -%' ORDER BY id LIMIT 20"
    )
    store = scene.answer(*(Statement(union.format(n), rows=1) for n in range(4)))
    assert set(grades_of(store)) == keys(1, 2, 3, 4)


def test_printed_value_of_several_is_of_any_of_them(scene: Scene) -> None:
    """A procedure nobody tells of may have moved every row: which one stood there is no longer known."""
    text = STOLEN.replace("CAST(name AS", "CAST(zip AS")
    asked = Statement(text, code=500, error_code="22P02", error_text='invalid syntax for numeric: "qv002q"')
    called = Statement("CALL renew(2)", at_us=5_000, code=None, hostile=False)
    store = scene.answer(asked, called)
    held = keys(*range(2, 31, 3))
    assert {key: fields_of(store, key)["members.zip"] for key in held} == dict.fromkeys(
        held, (Grade.POSSIBLE.value, "L4", "whose;value-changed")
    )
    assert set(grades_of(store).values()) == {Grade.POSSIBLE.value}
    told = store.rows("SELECT record_key, field, value FROM recovered")
    assert told == [("", "members.zip", "002")]
