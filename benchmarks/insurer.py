"""A made-up insurer's tables and an intruder's statements over them, at any size; the same bytes each time.

Grain: one person a row (``people``), about two claims each (``claims``), one event a logged statement.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from ashiato.datamap.model import Belongs, Column, DataMap, DataTable, System
from ashiato.engine.arrow_tables import arrow_schema
from ashiato.engine.store import Store
from ashiato.engine.tables import CAUSES, CONTRADICTIONS, EVENTS, HOLES, INTRUSION

_SHAPES = 200
_PEOPLE_COLUMNS = ("name", "kana", "mail", "phone", "birth_date", "postal", "address", "premium")
_PEOPLE = """
SELECT i + 1 AS id, 'name-' || hash(i) % 100000 AS name, 'kana-' || hash(i + 7) % 90000 AS kana,
       'm' || i || '@example.jp' AS mail, '0' || (9000000000 + i) AS phone,
       DATE '1940-01-01' + CAST(hash(i + 1) % 24000 AS INTEGER) AS birth_date,
       lpad(CAST(hash(i + 2) % 9999999 AS VARCHAR), 7, '0') AS postal,
       'town-' || hash(i + 3) % 200000 || '-' || i % 97 AS address, 1000 + hash(i + 4) % 9000 AS premium
FROM range({people}) AS r(i)
"""
_CLAIMS = """
SELECT i + 1 AS id, 1 + hash(i) % {people} AS person_id,
       DATE '2020-01-01' + CAST(hash(i + 5) % 2300 AS INTEGER) AS day,
       hash(i + 6) % 300000 AS amount, 'treatment-' || hash(i + 8) % 4000 AS treatment
FROM range({claims}) AS r(i)
"""
#: Of a hundred shapes, so many look up by key, list a person's claims, join, take a stretch, turn pages.
_KINDS = ("key",) * 50 + ("claims",) * 25 + ("join",) * 15 + ("stretch",) * 5 + ("page",) * 5


#: The same statements, returning the keys of the rows they read, over the tables as the engine keeps them.
_KEYED = {
    "key": "SELECT _key FROM state0_people WHERE id = {}",
    "claims": "SELECT c._key, p._key FROM state0_claims AS c JOIN state0_people AS p ON p.id = c.person_id "
    "WHERE c.person_id = {}",
    "join": "SELECT p._key, c._key FROM state0_people AS p LEFT JOIN state0_claims AS c "
    "ON c.person_id = p.id WHERE p.id = {} AND c.amount > 1000",
    "stretch": "SELECT _key FROM state0_people WHERE id BETWEEN {} AND {} + 20",
    "page": "SELECT _key FROM state0_people ORDER BY id LIMIT 50 OFFSET {}",
}


@dataclass(frozen=True)
class Size:
    """How large: records of people, of claims, and statements in the log."""

    people: int
    claims: int
    statements: int


DATAMAP = DataMap(
    systems={
        "core": System(
            "core",
            collation="C",
            tables={
                "people": DataTable(
                    "people",
                    key=("id",),
                    person=True,
                    columns={"id": Column("id", immutable=True)},
                ),
                "claims": DataTable("claims", key=("id",), belongs=Belongs("people", ("person_id",))),
            },
        )
    }
)


def write_snapshot(size: Size, folder: Path) -> None:
    """Write both tables as CSV, as an operator's export would be."""
    folder.mkdir()
    with duckdb.connect() as base:
        for name, sql in (("people", _PEOPLE), ("claims", _CLAIMS)):
            made = sql.format(people=size.people, claims=size.claims)
            base.execute(f"COPY ({made}) TO '{folder / name}.csv' (HEADER)")


def shapes() -> list[tuple[str, str]]:
    """Return each shape's kind and its text, the value it looks for as ``{}``."""
    chosen = [", ".join(names) for width in (2, 3, 4, 5) for names in combinations(_PEOPLE_COLUMNS, width)]
    return [
        (_KINDS[number % len(_KINDS)], _text(_KINDS[number % len(_KINDS)], chosen[number]))
        for number in range(_SHAPES)
    ]


def _text(kind: str, columns: str) -> str:
    listed = ", ".join(f"p.{name}" for name in columns.split(", "))
    return {
        "key": f"SELECT id, {columns} FROM people WHERE id = {{}}",
        "claims": f"SELECT c.id, c.day, c.amount, {listed} FROM claims c JOIN people p ON p.id = c.person_id "
        "WHERE c.person_id = {}",
        "join": f"SELECT {listed}, c.treatment FROM people p LEFT JOIN claims c ON c.person_id = p.id "
        "WHERE p.id = {} AND c.amount > 1000",
        "stretch": f"SELECT id, {columns} FROM people WHERE id BETWEEN {{}} AND {{}} + 20",
        "page": f"SELECT id, {columns} FROM people ORDER BY id LIMIT 50 OFFSET {{}}",
    }[kind]


def _statements(size: Size) -> Iterator[str]:
    """Yield each statement's text; whom it asks for is drawn from all people."""
    made = [text for _, text in shapes()]
    for number, whom in enumerate(_asked(size)):
        yield made[number % len(made)].replace("{}", str(whom))


def _asked(size: Size) -> Iterator[int]:
    yield from np.random.default_rng(7).integers(1, size.people, size.statements).tolist()


def keyed_statements(size: Size, count: int) -> list[str]:
    """Return the first statements, each rewritten by hand so that it returns the keys of what it read."""
    made = [_KEYED[kind] for kind, _ in shapes()]
    asked = zip(range(count), _asked(size), strict=False)
    return [made[number % len(made)].replace("{}", str(whom)) for number, whom in asked]


def write_events(size: Size, store: Store) -> None:
    """Write the log's events, every one of them the intruder's, without web requests."""
    numbers = np.arange(size.statements, dtype=np.int64)
    moments = 1_000_000_000 + numbers * 1_000
    told = {
        "event_id": pa.array(numbers),
        "start_us": pa.array(moments),
        "end_us": pa.array(moments),
        "query_text": pa.array(_statements(size), pa.string(), size=size.statements),
    }
    alike = {
        "event_kind": "sql",
        "system": "core",
        "query_command": "SELECT",
        "database_user_name": "app",
        "database_session_uid": "s1",
        "status": "success",
    }
    columns = [
        told[name] if name in told else pa.repeat(pa.scalar(alike.get(name), kind), size.statements)
        for name, kind in zip(EVENTS.columns, arrow_schema(EVENTS).types, strict=True)
    ]
    store.write(EVENTS, pa.table(columns, names=list(EVENTS.columns)))
    store.write(INTRUSION, [(number, "P1", "I1", 1.0, "made") for number in range(size.statements)])
    store.write(CAUSES, [])
    store.write(HOLES, [])
    store.write(CONTRADICTIONS, [])
