"""How many rows of a page hang on one row of a table: one where it tells the keys of all the others."""

from __future__ import annotations

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from ashiato.engine.exposures.fans import MANY, fans_sql, frames_of
from ashiato.engine.exposures.links import firm_links_of
from ashiato.engine.exposures.plan import Instance
from ashiato.engine.exposures.state import StateTable

COLUMNS = {
    "members": dict.fromkeys(("id", "name", "zip"), "VARCHAR"),
    "visits": dict.fromkeys(("id", "member_id", "reason"), "VARCHAR"),
}
PAGED = "ORDER BY 1 LIMIT 3 OFFSET 3"
JOIN = f"SELECT v.reason FROM visits v JOIN members m ON m.id = v.member_id {PAGED}"
WITNESS = (
    f"SELECT m.name FROM members m WHERE EXISTS (SELECT 1 FROM visits v WHERE v.member_id = m.id) {PAGED}"
)
FREE = f"SELECT m.name FROM members m WHERE m.name < (SELECT max(v.reason) FROM visits v) {PAGED}"
BESIDE = f"SELECT v.reason, (SELECT m.name FROM members m {PAGED}) FROM visits v"
UNITED = f"SELECT m.id FROM members m UNION SELECT v.id FROM visits v {PAGED}"
DERIVED = f"SELECT d.name FROM (SELECT m.name FROM members m {PAGED}) AS d JOIN visits v ON v.reason = d.name"


def fans(text: str, *hidden: str) -> dict[str, str]:
    """Return what hangs on a row of each table, read under these names: ``one`` row, or ``many``."""
    tree = sqlglot.parse_one(text, dialect="postgres")
    named = [(table.name, table.alias_or_name) for table in tree.find_all(exp.Table)]
    named = sorted({*((name, alias) for name, alias in named if name in COLUMNS), *((n, n) for n in hidden)})
    instances = [
        Instance(number, alias, StateTable("db", name, name, COLUMNS[name], None, 9, ("id",), None))
        for number, (name, alias) in enumerate(named)
    ]
    sql = fans_sql(instances, frames_of(tree, instances), firm_links_of(tree, instances))
    told = {1: "one", MANY: "many"}
    return {instances[number].alias: told[fan] for number, fan in duckdb.sql(sql).fetchall()}


@pytest.mark.parametrize(
    ("text", "m", "v"),
    [
        (JOIN, "many", "one"),
        (JOIN.replace("v.member_id", "v.reason || ''"), "many", "many"),
        (JOIN.replace("m.id =", "m.zip ="), "many", "many"),
        (JOIN.replace("JOIN", "LEFT JOIN"), "many", "many"),
        (JOIN.replace(PAGED, ""), "one", "one"),
        (WITNESS, "one", "one"),
        (WITNESS.replace("= m.id", "= m.zip"), "one", "many"),
        (FREE, "one", "many"),
        (BESIDE, "one", "one"),
        (UNITED, "one", "one"),
        (DERIVED, "one", "one"),
        (f"WITH w AS (SELECT m.id FROM members m, visits v) SELECT w.id FROM w {PAGED}", "many", "many"),
    ],
)
def test_page_moves_by_what_hangs_on_a_row(text: str, m: str, v: str) -> None:
    assert fans(text) == {"m": m, "v": v}


def test_tables_not_named_may_be_anywhere() -> None:
    assert fans(f"SELECT m.name FROM members m {PAGED}", "visits") == {"m": "many", "visits": "many"}
