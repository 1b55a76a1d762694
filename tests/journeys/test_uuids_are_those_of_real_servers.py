"""Statements that write a UUID otherwise than it is kept, asked of real servers and replayed on ours.

Nobody whom the server returned may be missing, and nobody may be called settled whom it did not return.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from ashiato.datamap.model import DataTable
from tests.engine.exposures.scene import Scene
from tests.journeys.databases import Database, mariadb, postgresql

pytestmark = pytest.mark.slow

KEYS = [str(uuid.UUID(int=(0xABCDEF << 100) + (0x40008 << 60) + n)) for n in range(1, 6)]
PEOPLE = [{"id": key, "name": f"n{place}"} for place, key in enumerate(KEYS)]
SPELT = [KEYS[2], KEYS[2].upper(), KEYS[2].replace("-", ""), KEYS[2].replace("-", "").upper()]
CONDITIONS = [
    "id = '{0}'",
    "(id) = '{0}'",
    "'{0}' = id",
    "coalesce(id, id) = '{0}'",
    "nullif(id, '{1}') = '{0}'",
    "CASE WHEN name <> 'x' THEN id END = '{0}'",
    "(id, name) = ('{0}', 'n2')",
    "(id, name) IN (('{0}', 'n2'))",
    "(id, name) > ('{0}', 'n1')",
    "id IN ('{0}', '{1}')",
    "id <> '{0}'",
    "id < '{0}'",
    "id <= '{0}'",
    "id > '{0}'",
    "id >= '{0}'",
    "id BETWEEN '{0}' AND '{0}'",
    "NOT id = '{0}'",
]
STATEMENTS = [
    *(f"SELECT id FROM residents WHERE {condition}" for condition in CONDITIONS),
    "SELECT x FROM (SELECT id AS x FROM residents) q WHERE q.x = '{0}'",
    "WITH q AS (SELECT id AS x FROM residents) SELECT x FROM q WHERE x = '{0}'",
    "WITH q (x) AS (SELECT id FROM residents) SELECT x FROM q WHERE x <= '{0}'",
    "SELECT id FROM residents ORDER BY id LIMIT 2",
]
#: Of which exactly those the server returns are named: PostgreSQL sorts UUIDs by their bytes.
EXACT = {
    "postgresql": STATEMENTS,
    "mariadb": [text for text in STATEMENTS if " = '{0}'" in text],
}


@pytest.mark.parametrize(("engine", "serve"), [("postgresql", postgresql), ("mariadb", mariadb)])
def test_real_servers_find_the_same_rows(
    engine: str, serve: Callable[[], AbstractContextManager[Database]], tmp_path: Path
) -> None:
    texts = [text.format(spelt, KEYS[0]) for text in STATEMENTS for spelt in SPELT]
    with serve() as server:
        truth = _asked(server, texts)
    scene = Scene(
        tmp_path,
        engine=engine,
        collation="C" if engine == "postgresql" else "utf8mb4_general_ci",
        tables={"residents": DataTable("residents", key=("id",), person=True)},
        rows={"residents": PEOPLE},
        schema="CREATE TABLE residents (id uuid NOT NULL, name text);",
    )
    found = scene.grades_each(texts, None)
    lost = {text: keys - set(found[text]) for text, keys in truth.items() if keys - set(found[text])}
    sure = {text: {key for key, grade in found[text].items() if grade == 4} for text in texts}
    assert lost == {}
    assert {text: keys - truth[text] for text, keys in sure.items() if keys - truth[text]} == {}
    exact = {text.format(spelt, KEYS[0]) for text in EXACT[engine] for spelt in SPELT}
    assert {text: set(found[text]) - truth[text] for text in exact if set(found[text]) != truth[text]} == {}


def _asked(server: Database, texts: list[str]) -> dict[str, set[str]]:
    connection = server.connect()
    cursor = connection.cursor()
    try:
        if server.engine != "postgresql":
            cursor.execute("CREATE DATABASE d")
            cursor.execute("USE d")
        cursor.execute("CREATE TABLE residents (id uuid PRIMARY KEY, name varchar(20))")
        for one in PEOPLE:
            cursor.execute("INSERT INTO residents VALUES (%s, %s)", tuple(one.values()))
        found = {}
        for text in dict.fromkeys(texts):
            cursor.execute(text)
            found[text] = {str(key) for (key,) in cursor.fetchall()}
        return found
    finally:
        connection.close()
