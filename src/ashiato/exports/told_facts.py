"""People who are to be told: what they are, what harm is possible, and whether a way to tell them is left.

At least: people confirmed, every pair in review one human. At most: possible ones too, and none is. Sets
overlap (somebody is a minor and past) and are never added, but for the grades, of which each person has one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ashiato.engine.api import Station, Store
from ashiato.exports.people_facts import PeopleBounds
from ashiato.exports.sheets.paths import OUTSIDE
from ashiato.terms.contacts import Channel, ContactFault, PersonState
from ashiato.terms.grades import Grade

LEVELS = (3, 2, 1)


@dataclass(frozen=True)
class UnknownFact:
    """A value of a column that was to tell something and does not; None: not shown, or no snapshot has it."""

    system: str
    table: str
    column: str
    asked_for: str
    value: str | None
    records: int


@dataclass(frozen=True)
class ToldFact:
    """Counts of the people in tables of people of whom a record is possible at least, by code.

    ``levels``: whose harm is of a level or higher. ``rules``: by the rules met. ``outside``: those found
    only in logs or files, who are in no other count.
    """

    grades: dict[str, PeopleBounds]
    states: dict[str, PeopleBounds]
    levels: dict[int, PeopleBounds]
    harms: dict[str, PeopleBounds]
    rules: dict[str, PeopleBounds]
    identifiable: PeopleBounds
    reachable: PeopleBounds
    unreachable: PeopleBounds
    to_others: PeopleBounds
    channels: dict[str, PeopleBounds]
    reasons: dict[str, PeopleBounds]
    outside: int
    unknown: tuple[UnknownFact, ...]


_SURE = int(Grade.CONFIRMED)
_GRADES = (Grade.CONFIRMED, Grade.PROBABLE, Grade.POSSIBLE)
_CHANNELS = tuple(channel for channel in Channel if channel is not Channel.PUBLICATION)
#: Everybody counted here, with what is known of them.
_HELD = f"""
    WITH held AS (SELECT DISTINCT person_id FROM people WHERE NOT {OUTSIDE})
    SELECT p.*, s.* EXCLUDE (person_id) FROM persons AS p JOIN held ON held.person_id = p.person_id
    LEFT JOIN sensitivities AS s ON s.person_id = p.person_id
"""
_HARMS = """
    SELECT DISTINCT split_part(harm, '=', 1) FROM (
        SELECT unnest(string_split(harms, ';')) AS harm FROM told_held WHERE harms <> ''
    ) ORDER BY 1
"""
#: By which rule, and how many of them by what is confirmed alone.
_RULES = f"""
    WITH met AS (
        SELECT person_id, widest_person_id, grade, unnest(string_split(because, ';')) AS ground
        FROM told_held WHERE because <> ''
    )
    SELECT split_part(ground, ':', 1) AS rule, count(DISTINCT widest_person_id) FILTER (
            WHERE grade = {_SURE} AND NOT regexp_matches(ground, '=(possible|probable)(,|$)')
        ), count(DISTINCT person_id)
    FROM met GROUP BY rule ORDER BY rule
"""
#: By each pair in review as one human: the highest grade, and whether either can be told.
_WIDEST = """
    SELECT max(grade) AS grade, bool_or(is_reachable) AS is_reachable FROM told_held GROUP BY widest_person_id
"""
_UNKNOWN = """
    SELECT system, table_name, column_name, asked_for, unknown_value, records FROM unknown_values ORDER BY ALL
"""
#: What is so of the confirmed surely, and of all perhaps.
_Asked = dict[str, tuple[str, str]]


def gather_told(store: Store) -> ToldFact | None:
    """Count who is to be told; None where nobody is, or an older program's run does not say."""
    ((all_told,),) = store.rows("SELECT count(*) FROM persons")
    if not all_told:
        return None
    store.run(Station("told_held", _HELD))
    single = _count(store, {
        "identifiable": ("identifiable_sure", "identifiable"),
        "reachable": ("is_reachable", "is_reachable"),
        "to_others": ("addressee_id <> person_id", "addressee_id <> person_id"),
        **{str(level): (f"sensitivity_sure >= {level}", f"sensitivity >= {level}") for level in LEVELS},
    })  # fmt: skip
    return ToldFact(
        grades=_grades(store),
        states=_by_code(store, "states", PersonState),
        levels={level: single[str(level)] for level in LEVELS},
        harms=_told(_count(store, {harm: _harm(harm) for (harm,) in store.rows(_HARMS)})),
        rules={rule: PeopleBounds(least, most) for rule, least, most in store.rows(_RULES)},
        identifiable=single["identifiable"],
        reachable=single["reachable"],
        unreachable=_unreachable(store),
        to_others=single["to_others"],
        channels=_by_code(store, "channels", _CHANNELS),
        reasons=_by_code(store, "contact_reasons", ContactFault),
        outside=int(all_told) - store.count("told_held"),
        unknown=tuple(UnknownFact(*row) for row in store.rows(_UNKNOWN)),
    )


def _grades(store: Store) -> dict[str, PeopleBounds]:
    """Count people by their highest grade, as if every pair in review were one human and as if none were."""
    least: dict[int, int] = dict(store.rows(f"SELECT grade, count(*) FROM ({_WIDEST}) GROUP BY grade"))
    most: dict[int, int] = dict(store.rows("SELECT grade, count(*) FROM told_held GROUP BY grade"))
    return {grade.word: PeopleBounds(least.get(grade, 0), most.get(grade, 0)) for grade in _GRADES}


def _unreachable(store: Store) -> PeopleBounds:
    ((least,),) = store.rows(f"SELECT count(*) FROM ({_WIDEST}) WHERE grade = {_SURE} AND NOT is_reachable")
    ((most,),) = store.rows("SELECT count(*) FROM told_held WHERE NOT is_reachable")
    return PeopleBounds(least, most)


def _count(store: Store, asked: _Asked) -> dict[str, PeopleBounds]:
    """Count people by each condition, in one look at them."""
    if not asked:
        return {}
    counted = ", ".join(
        f"count(DISTINCT widest_person_id) FILTER (WHERE grade = {_SURE} AND {surely}), "
        f"count(*) FILTER (WHERE {perhaps})"
        for surely, perhaps in asked.values()
    )
    ((*numbers,),) = store.rows(f"SELECT {counted} FROM told_held")
    return {
        name: PeopleBounds(least, most)
        for name, least, most in zip(asked, numbers[::2], numbers[1::2], strict=True)
    }


def _by_code(store: Store, column: str, codes: Iterable[str]) -> dict[str, PeopleBounds]:
    """Count people by each code in a column of codes joined by ``;``; codes of nobody are left out."""
    has = {str(code): f"contains(';' || {column} || ';', ';{code};')" for code in codes}
    return _told(_count(store, {code: (sql, sql) for code, sql in has.items()}))


def _harm(harm: str) -> tuple[str, str]:
    """Write the conditions for one of our own harms: by what is confirmed, and by anything."""
    sure = f"contains(';' || harms || ';', ';{harm}={Grade.CONFIRMED.word};')"
    return sure, f"contains(';' || harms, ';{harm}=')"


def _told(counted: dict[str, PeopleBounds]) -> dict[str, PeopleBounds]:
    return {code: bounds for code, bounds in counted.items() if bounds.at_most}
