"""The oracle is itself held against a second witness: SQLite runs the same statements over the same rows."""

from __future__ import annotations

import sqlite3
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from tests.proof.base import Base
from tests.proof.evaluating import Evaluator, Told
from tests.proof.incidents import Incident, Options
from tests.proof.queries import Plain, Select, SetOp, Statement
from tests.proof.rendering import Renderer

#: What two servers may rightly answer differently: cut places of ties, orders inside a partition.
_LEFT_OPEN = ("LIMIT", "OFFSET", "row_number(", "lag(", "CAST(")


class _Joined:
    """``string_agg`` for SQLite, in the order of the text."""

    def __init__(self) -> None:
        self._held: list[str] = []

    def step(self, value: str | None, _between: str) -> None:
        """Take one value."""
        if value is not None:
            self._held.append(value)

    def finalize(self) -> str | None:
        """Return all of them."""
        return ", ".join(sorted(self._held)) if self._held else None


def loaded(base: Base) -> sqlite3.Connection:
    """Return SQLite with the rows the oracle has now."""
    witness = sqlite3.connect(":memory:")
    witness.execute("PRAGMA case_sensitive_like = ON")
    witness.create_function("concat", -1, lambda *parts: "".join("" if p is None else str(p) for p in parts))
    witness.create_aggregate("string_agg", 2, _Joined)  # type: ignore[arg-type]
    kinds = {"integer": "INTEGER", "numeric": "REAL", "text": "TEXT", "date": "TEXT"}
    for name, design in base.designs.items():
        columns = ", ".join(f"{column} {kinds[kind]}" for column, kind in design.kinds.items())
        witness.execute(f"CREATE TABLE {name} ({columns})")
        marks = ", ".join("?" * len(design.kinds))
        rows = [tuple(map(_bound, row.values.values())) for row in base.rows.get(name, [])]
        witness.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
    return witness


def _bound(value: Plain) -> Plain | float:
    return float(value) if isinstance(value, Decimal) else value


def _comparable(value: Any, *, joined: bool) -> Any:
    if isinstance(value, str) and joined:
        return ", ".join(sorted(value.split(", ")))
    return round(float(value), 6) if isinstance(value, (int, float, Decimal)) else value


class Witnessed(Incident):
    """An incident whose every query SQLite answers as well."""

    compared = 0

    def _run(self, tree: Statement) -> tuple[Told, tuple[str, str] | None, Evaluator]:
        text = Renderer().statement(tree)
        asked = isinstance(tree, (Select, SetOp)) and not any(word in text for word in _LEFT_OPEN)
        witness = loaded(self.base) if asked else None
        made = super()._run(tree)
        told, error, _ = made
        if witness is not None and error is None and told.relation is not None:
            joined = "string_agg" in text
            theirs = Counter(
                tuple(_comparable(value, joined=joined) for value in row) for row in witness.execute(text)
            )
            ours = Counter(
                tuple(_comparable(cell.value, joined=joined) for cell in row.cells)
                for row in told.relation.rows
            )
            assert ours == theirs, text
            self.compared += 1
        return made


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_every_query_gives_the_rows_of_sqlite(seed: int) -> None:
    compared = 0
    for number in range(6):
        incident = Witnessed((seed, number), "_w", 0, Options(people=(8, 25)))
        incident.play(())
        compared += incident.compared
    assert compared > 20
