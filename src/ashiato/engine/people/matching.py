"""Records joined to persons: ``record_persons``, ``match_reviews`` and ``match_ways``.

Traits of each record, equal ones as one writing, pairs of writings by the ways of ``pairing``, scored by
``scoring``, joined by ``clusters``; what a human decided before comes first and stays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from ashiato.engine.people.clusters import Groups, Marks, Pair, join_pairs
from ashiato.engine.people.decisions import Decision, Record, read_decisions
from ashiato.engine.people.forming import write_traits
from ashiato.engine.people.pairing import MOST_IN_BLOCK, write_pairs
from ashiato.engine.people.scoring import PERHAPS, SCORED, SURE, score_pairs
from ashiato.engine.people.sources import Source
from ashiato.engine.people.traits import FORMS, TRAITS
from ashiato.engine.people.weights import WRITINGS, prior, write_writings
from ashiato.engine.store import Station, Store
from ashiato.engine.tables import MATCH_REVIEWS, MATCH_WAYS
from ashiato.engine.workspace import Workspace

#: The stage's own table: one row per record that is not its person's first, with its person's and widest.
PERSONS = "record_persons"
_MARKED = "id, birth, sex, own_number, company_number"

# What equal records weigh against themselves: whether to be written alike is to be one person.
_SELVES = f"""
SELECT id, writing, records,
       CASE WHEN kanji IS NULL AND sound IS NULL AND own_number IS NULL THEN 0
            ELSE CASE WHEN COALESCE(w_kanji, 0) > COALESCE(w_sound, 0) THEN COALESCE(w_kanji, 0)
                      ELSE COALESCE(w_sound, 0) END
                 + COALESCE(w_birth, 0) + COALESCE(w_phone, 0) + COALESCE(w_mail, 0)
                 + COALESCE(w_own_number, 0) + COALESCE(w_company_number, 0)
                 + COALESCE(w_home, w_postal_code, w_city, 0) END AS weight
FROM {WRITINGS} WHERE records > 1
"""
_PERSONS = f"""
WITH belonging AS (
  SELECT t.number,
         CASE WHEN w.records = 1 OR o.id IS NOT NULL THEN COALESCE(g.person, w.id)
              ELSE t.number END AS person,
         CASE WHEN w.records = 1 OR o.id IS NOT NULL OR h.id IS NOT NULL THEN COALESCE(g.widest, w.id)
              ELSE t.number END AS widest
  FROM {TRAITS} AS t JOIN alike AS w ON w.writing = t.writing
  LEFT JOIN match_groups AS g ON g.id = w.id LEFT JOIN match_ones AS o ON o.id = w.id
  LEFT JOIN match_perhaps AS h ON h.id = w.id
)
SELECT t.system, t.table_name, t.record_key,
       p.system || '/' || p.table_name || '/' || p.record_key AS person_id,
       x.system || '/' || x.table_name || '/' || x.record_key AS widest_person_id
FROM belonging AS b JOIN {TRAITS} AS t ON t.number = b.number
JOIN {TRAITS} AS p ON p.number = b.person JOIN {TRAITS} AS x ON x.number = b.widest
WHERE b.person <> b.number OR b.widest <> b.number
"""


@dataclass(frozen=True)
class _Joined:
    """What became of the pairs: persons, the widest persons, and the pairs left to a human."""

    persons: dict[int, int]
    widest: dict[int, int]
    reviews: list[Pair]


def match_records(workspace: Workspace, sources: Sequence[Source]) -> None:
    """Write who is whom; without a snapshot or a column to compare by, each record is a person."""
    store = workspace.store
    write_traits(store, sources)
    if not store.count(TRAITS):
        _write_nobody(store)
        return
    write_pairs(store, write_writings(store, FORMS))
    needed = prior(store.count(TRAITS))
    score_pairs(store, needed)
    store.run(Station("selves", _SELVES))
    decisions = read_decisions(workspace.case_folder)
    numbers = _numbers_of(store, decisions)
    ones = _ones(store, needed, decisions, numbers)
    joined = _join(store, ones, decisions, numbers)
    alike = _alike(store, needed, ones)
    _write_numbers(store, "match_ones", {"id": sorted(ones)})
    _write_numbers(store, "match_perhaps", {"id": sorted({pair.a for pair in alike})})
    moved = sorted({*joined.persons, *joined.widest})
    groups = {
        "id": moved,
        "person": [joined.persons.get(number, number) for number in moved],
        "widest": [joined.widest.get(number, number) for number in moved],
    }
    _write_numbers(store, "match_groups", groups)
    store.run(Station(PERSONS, _PERSONS))
    reviews = sorted([*joined.reviews, *alike], key=lambda pair: (pair.a, pair.b))
    _write_reviews(store, reviews, decisions)


def _write_nobody(store: Store) -> None:
    names = ("system", "table_name", "record_key", "person_id", "widest_person_id")
    store.write_as(PERSONS, pa.table({name: pa.array([], pa.string()) for name in names}))
    store.write(MATCH_REVIEWS, [])
    store.write(MATCH_WAYS, [])


def _write_numbers(store: Store, name: str, columns: dict[str, list[int]]) -> None:
    arrays = {column: pa.array(numbers, pa.int64()) for column, numbers in columns.items()}
    store.write_as(name, pa.table(arrays))


def _numbers_of(store: Store, decisions: Sequence[Decision]) -> dict[Record, int]:
    """Return the writing of each record that a human decided about."""
    held: dict[Record, int] = {}
    for record in sorted({each for decision in decisions for each in (decision.one, decision.other)}):
        rows = store.rows(
            f"SELECT w.id FROM {TRAITS} AS t JOIN alike AS w ON w.writing = t.writing "
            "WHERE t.system = ? AND t.table_name = ? AND t.record_key = ?",
            list(record),
        )
        if rows:
            held[record] = rows[0][0]
    return held


def _ones(store: Store, needed: int, decisions: Sequence[Decision], numbers: dict[Record, int]) -> set[int]:
    """Return the writings whose records are one person: said enough, or decided."""
    rows = store.rows(f"SELECT id FROM selves WHERE weight - {needed} >= {SURE} ORDER BY id")
    told = [(numbers.get(each.one), numbers.get(each.other), each.is_same) for each in decisions]
    decided = {one for one, other, is_same in told if is_same and one is not None and one == other}
    return {number for (number,) in rows} | decided


def _alike(store: Store, needed: int, ones: set[int]) -> list[Pair]:
    """Return pairs of equal records that may be one human and say too little to be joined."""
    rows = store.rows(
        f"SELECT s.id, t.number, s.weight - {needed} FROM selves AS s JOIN {TRAITS} AS t "
        "ON t.writing = s.writing AND t.number <> s.id "
        f"WHERE s.weight - {needed} >= {PERHAPS} AND s.records <= {MOST_IN_BLOCK} ORDER BY s.id, t.number"
    )
    said, doubt = "all that is said", "little is said"
    return [Pair(one, other, score, said, doubt) for one, other, score in rows if one not in ones]


def _join(store: Store, ones: set[int], decisions: Sequence[Decision], numbers: dict[Record, int]) -> _Joined:
    several = {number for (number,) in store.rows("SELECT id FROM selves")} - ones
    same, review = _pairs(store, "same"), _pairs(store, "review")
    review += [pair for pair in same if pair.a in several or pair.b in several]
    same = [pair for pair in same if pair.a not in several and pair.b not in several]
    marks = _marks(store)
    groups = _decided(Groups(marks), decisions, numbers)
    review += join_pairs(groups, same)
    persons = groups.members()
    review = [pair for pair in review if groups.find(pair.a) != groups.find(pair.b)]
    apart = {
        frozenset((numbers.get(each.one), numbers.get(each.other))) for each in decisions if not each.is_same
    }
    for pair in review:
        if frozenset((pair.a, pair.b)) not in apart:
            groups.join(pair.a, pair.b, by_hand=True)
    return _Joined(persons, groups.members(), sorted(review, key=lambda pair: (pair.a, pair.b)))


def _decided(groups: Groups, decisions: Iterable[Decision], numbers: dict[Record, int]) -> Groups:
    """Join and keep apart what a human decided, apart first."""
    for decision in sorted(decisions, key=lambda each: each.is_same):
        one, other = numbers.get(decision.one), numbers.get(decision.other)
        if one is not None and other is not None and one != other:
            if decision.is_same:
                groups.join(one, other, by_hand=True)
            else:
                groups.keep_apart(one, other)
    return groups


def _pairs(store: Store, verdict: str) -> list[Pair]:
    rows = store.rows(
        f"SELECT a, b, score, agree, conflict FROM {SCORED} WHERE verdict = ? ORDER BY a, b", [verdict]
    )
    return [Pair(*row) for row in rows]


def _marks(store: Store) -> dict[int, Marks]:
    """Return what may not conflict of each writing that is in a pair."""
    paired = f"SELECT a AS id FROM {SCORED} UNION SELECT b FROM {SCORED}"
    named = ", ".join(f"w.{each.strip()}" for each in _MARKED.split(","))
    sql = f"SELECT {named} FROM {WRITINGS} AS w JOIN ({paired}) AS p ON p.id = w.id ORDER BY w.id"
    # Nearly all of millions have one of two sexes and no company: one set each, not one a writing.
    sets: dict[str | None, frozenset[str]] = {}

    def one(value: str | None) -> frozenset[str]:
        return sets.setdefault(value, frozenset((value,) if value else ()))

    return {
        number: Marks(frozenset(((birth, own),)), one(sex), one(company))
        for number, birth, sex, own, company in store.rows(sql)
    }


def _write_reviews(store: Store, reviews: Sequence[Pair], decisions: Sequence[Decision]) -> None:
    """Write each pair left to a human under the records that are the first so written."""
    _write_numbers(store, "review_numbers", {"a": [p.a for p in reviews], "b": [p.b for p in reviews]})
    places = store.rows(
        "SELECT l.system, l.table_name, l.record_key, r.system, r.table_name, r.record_key "
        f"FROM review_numbers AS n JOIN {TRAITS} AS l ON l.number = n.a JOIN {TRAITS} AS r ON r.number = n.b "
        "ORDER BY n.a, n.b"
    )
    decided = {each.pair: ("same" if each.is_same else "different") for each in decisions}
    rows = {}
    for pair, place in zip(reviews, places, strict=True):
        name = pair_name(place[:3], place[3:])
        rows[name] = (name, *place, pair.score, pair.agree, pair.conflict, decided.get(name))
    store.write(MATCH_REVIEWS, list(rows.values()))


def pair_name(one: Sequence[str], other: Sequence[str]) -> str:
    """Name a pair of records (system, table, key), whichever comes first."""
    text = repr(sorted((tuple(one), tuple(other))))
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
