"""People of whom a record is possible at least, as pages of a list: keys and codes, never a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ashiato.engine.api import Store
from ashiato.terms.grades import Grade

PAGE_ROWS = 50


@dataclass(frozen=True)
class Asked:
    """What of the list is asked for; an empty word narrows nothing."""

    search: str = ""
    grade: Grade | None = None
    persona: str = ""
    field: str = ""
    number: int = 1


@dataclass(frozen=True)
class Found:
    """One person of the list: keys, grade and codes; no value of theirs."""

    person_id: str
    grade: Grade
    records: int
    personas: tuple[str, ...]
    states: tuple[str, ...]
    harm: int
    is_reachable: bool


@dataclass(frozen=True)
class PageOfPeople:
    """One page of the list, and how many there are in all."""

    rows: tuple[Found, ...]
    number: int
    total: int

    @property
    def last(self) -> int:
        """The last page's number."""
        return max(1, -(-self.total // PAGE_ROWS))


def find_people(store: Store, asked: Asked) -> PageOfPeople:
    """Return a page, the most at stake first, then the surest, then by key."""
    where, given = _conditions(asked)
    ((total,),) = store.rows(f"SELECT count(*) FROM persons AS p WHERE {where}", given)
    last = max(1, -(-total // PAGE_ROWS))
    number = min(max(asked.number, 1), last)
    skipped = (number - 1) * PAGE_ROWS
    rows = store.rows(f"{_ROWS} WHERE {where} {_ORDER} LIMIT {PAGE_ROWS} OFFSET {skipped}", given)
    return PageOfPeople(tuple(_found(row) for row in rows), number, total)


def list_fields(store: Store) -> list[str]:
    """Return the fields of anybody's record that came into reach."""
    return [field for (field,) in store.rows("SELECT DISTINCT field FROM exposures ORDER BY field")]


_ROWS = """
    SELECT p.person_id, p.grade, p.records, coalesce(p.personas, ''), coalesce(p.states, ''),
        coalesce(s.sensitivity, 0), coalesce(p.is_reachable, false)
    FROM persons AS p LEFT JOIN sensitivities AS s ON s.person_id = p.person_id
"""
_ORDER = "ORDER BY coalesce(s.sensitivity, 0) DESC, p.grade DESC, p.person_id"
_HAS_FIELD = """
    p.person_id IN (
        SELECT people.person_id FROM people JOIN exposures ON exposures.system = people.system
            AND exposures.table_name = people.table_name AND exposures.record_key = people.record_key
        WHERE exposures.field = ?
    )
"""


def _conditions(asked: Asked) -> tuple[str, list[Any]]:
    held: list[tuple[str, Any]] = []
    if asked.search:
        held.append(("contains(p.person_id, ?)", asked.search))
    if asked.grade is not None:
        held.append(("p.grade = ?", int(asked.grade)))
    if asked.persona:
        held.append(("contains(';' || p.personas || ';', ';' || ? || ';')", asked.persona))
    if asked.field:
        held.append((_HAS_FIELD, asked.field))
    return " AND ".join(sql for sql, _ in held) or "true", [value for _, value in held]


def _found(row: tuple[Any, ...]) -> Found:
    person_id, grade, records, personas, states, harm, is_reachable = row
    return Found(
        person_id, Grade(grade), records, _split(personas), _split(states), harm, is_reachable
    )  # fmt: skip


def _split(codes: str) -> tuple[str, ...]:
    return tuple(code for code in codes.split(";") if code)
