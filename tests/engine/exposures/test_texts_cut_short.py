"""Statements that the log cut short are widened, even where what is left can be read."""

from __future__ import annotations

from pathlib import Path

from tests.engine.exposures.scene import Scene, Statement, grades_of, keys

EVERYBODY = dict.fromkeys(keys(*range(1, 31)), 2)
COLUMNS = ("zip", "note", "name")
WHOLE = (
    "SELECT name, zip, note FROM members WHERE id = 123 AND zip = '001' ORDER BY name, zip",
    "SELECT title FROM clinics WHERE clinics.title >= 'North' AND clinics.id = 17 LIMIT 4",
    "SELECT reason, clinic_id FROM visits WHERE visits.member_id = 12 AND visits.id > 500",
)


def cut_at(length: int, *whole: str) -> list[Statement]:
    """Return statements as a log keeps them that cuts each at a length."""
    return [
        Statement(text[:length], at_us=1_000 * n, code=None, hostile=text.startswith("SELECT name"))
        for n, text in enumerate(whole, start=1)
    ]


def test_cut_statement_that_reads_well_is_not_believed(tmp_path: Path) -> None:
    store = Scene(tmp_path).answer(*cut_at(49, *WHOLE))
    assert grades_of(store) == EVERYBODY
    assert store.rows("SELECT DISTINCT reasons FROM exposures") == [("text-cut",)]


def test_statement_cut_before_its_table_widens(tmp_path: Path) -> None:
    assert grades_of(Scene(tmp_path).answer(*cut_at(26, *WHOLE))) == EVERYBODY


def test_longest_statement_alone_is_whole(tmp_path: Path) -> None:
    text = "SELECT name FROM members WHERE id = 3"
    assert grades_of(Scene(tmp_path).answer(Statement(text, rows=1, code=None))) == {"3": 4}


def padded(text: str, length: int) -> str:
    """Return a statement of a length, its last value made as long as that asks for."""
    return text.replace("~", "~" * (length - len(text) + 1))


def test_lengths_that_statements_have_by_chance_are_no_cut(tmp_path: Path) -> None:
    """Three kinds are of the greatest length, and three of one less, as in any log may be."""
    kinds = (
        "SELECT name FROM members WHERE (id = 3 AND zip <> '~')",
        "SELECT title FROM clinics WHERE (id = 1 AND title <> '~')",
        "SELECT reason FROM visits WHERE (member_id = 12 AND reason <> '~')",
    )
    texts = [padded(kind, length) for length in (80, 79) for kind in kinds]
    said = [Statement(t, at_us=1_000 * n, code=None, hostile=n == 1) for n, t in enumerate(texts, start=1)]
    assert grades_of(Scene(tmp_path).answer(*said)).keys() == {"3"}


def test_one_length_for_many_kinds_is_a_cut(tmp_path: Path) -> None:
    kinds = [f"SELECT name, {column} FROM members WHERE (id = 3 AND {column} <> '~')" for column in COLUMNS]
    said = [Statement(padded(kind, 90), at_us=1_000 * n, code=None) for n, kind in enumerate(kinds, start=1)]
    assert grades_of(Scene(tmp_path).answer(*said)) == EVERYBODY
