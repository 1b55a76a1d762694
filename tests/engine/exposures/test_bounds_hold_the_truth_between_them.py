"""The two bounds: what was surely returned is within the truth, and the truth within what was possible.

The truth is what another engine (SQLite) returned when the statement ran, before later changes that
the database log tells of; the snapshot is taken after them.
"""

from __future__ import annotations

import sqlite3
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ashiato.terms.grades import Grade
from tests.engine.exposures.scene import CLINIC_ROWS, VISIT_ROWS, Scene, Statement, grades_of

COLUMNS = ("id", "name", "zip", "premium")
WHERES = ("", " WHERE zip = '1'", " WHERE premium > 1", " WHERE name < 'c' AND zip = '2'")
ORDERS = ("", " ORDER BY id", " ORDER BY name", " ORDER BY premium DESC, id", " ORDER BY zip, name")


@dataclass(frozen=True)
class Incident:
    """A table of members, one statement, and the changes that came after it."""

    members: list[dict[str, object]]
    statement: str
    asked: str
    updates: list[str]
    counted: bool


@st.composite
def incidents(draw: st.DrawFn) -> Incident:
    """Make a small table with many ties, a paged or filtered statement, and a few logged changes."""
    size = draw(st.integers(3, 14))
    members = [
        {
            "id": n + 1,
            "name": draw(st.sampled_from(["a", "b", "c"])),
            "zip": draw(st.sampled_from(["1", "2"])),
            "premium": draw(st.integers(1, 3)),
        }
        for n in range(size)
    ]
    where = draw(
        st.sampled_from(["", " WHERE zip = '1'", " WHERE premium > 1", " WHERE name < 'c' AND zip = '2'"])
    )
    order = draw(st.sampled_from(ORDERS))
    page = draw(st.sampled_from(["", " LIMIT 3", " LIMIT 2 OFFSET 2", " OFFSET 4", " LIMIT 50"]))
    change = st.tuples(
        st.sampled_from(["zip", "name"]), st.sampled_from(["1", "2", "b"]), st.integers(1, size)
    )
    changes = draw(st.lists(change, max_size=3))
    updates = [f"UPDATE members SET {name} = '{new}' WHERE id = {key}" for name, new, key in changes]
    tail = f" FROM members{where}{order}"
    asked = page.replace(" OFFSET 4", " LIMIT -1 OFFSET 4") if page.startswith(" OFFSET") else page
    return Incident(
        members, f"SELECT id, name{tail}{page}", f"SELECT id{tail}{asked}", updates, draw(st.booleans())
    )


def site_of(members: list[dict[str, object]]) -> sqlite3.Connection:
    """Return the site's own engine with the members in insertion order."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE members (id INTEGER, name TEXT, zip TEXT, premium INTEGER)")
    base.executemany("INSERT INTO members VALUES (:id, :name, :zip, :premium)", members)
    return base


def expect_nested(incident: Incident) -> None:
    """Assert that nobody returned is below possible, and nobody confirmed was not returned."""
    base = site_of(incident.members)
    returned = {str(row[0]) for row in base.execute(incident.asked)}
    for update in incident.updates:
        base.execute(update)
    after = [
        dict(zip(COLUMNS, row, strict=True)) for row in base.execute("SELECT * FROM members ORDER BY id")
    ]
    count = len(returned) if incident.counted else None
    theft = Statement(incident.statement, rows=count, at_us=1_000)
    later = [
        Statement(update, at_us=2_000 + n, code=None, hostile=False)
        for n, update in enumerate(incident.updates)
    ]
    with tempfile.TemporaryDirectory() as folder:
        rows = {"members": after, "visits": VISIT_ROWS, "clinics": CLINIC_ROWS}
        grades = grades_of(Scene(Path(folder), rows=rows).answer(theft, *later))
    assert returned <= set(grades), "somebody who was returned is below possible"
    assert {key for key, grade in grades.items() if grade == Grade.CONFIRMED} <= returned


@pytest.mark.slow
@settings(max_examples=15)
@given(incidents())
def test_bounds_nest_around_another_engine(incident: Incident) -> None:
    expect_nested(incident)


@pytest.mark.slow
@settings(max_examples=60)
@given(incidents())
def test_bounds_nest_over_many_incidents(incident: Incident) -> None:
    expect_nested(incident)
