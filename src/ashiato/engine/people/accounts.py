"""Bank accounts of which something was reached, from the sealed snapshots when they are asked for.

Nothing of it is kept: what is read lives in the store's memory until the store is closed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ashiato.datamap.draft.words import spelled
from ashiato.datamap.model import DataTable
from ashiato.engine.people.hanging import owned_rows
from ashiato.engine.store import quote_name, quote_text
from ashiato.engine.workspace import Workspace
from ashiato.terms.categories import Category
from ashiato.terms.grades import Grade
from ashiato.terms.reasons import split_reasons

_ROWS_EACH = 50_000
#: How a column is called that tells which bank an account is at, the surest name first.
_BANK_NAMES = (
    "bank code", "ginko code", "ginkou code", "kinyu kikan code", "銀行コード", "金融機関コード", "銀行番号",
    "bank name", "ginko mei", "ginkou mei", "銀行名", "金融機関名", "bank", "ginko", "ginkou", "銀行",
    "金融機関",
)  # fmt: skip


@dataclass(frozen=True)
class ReachedField:
    """One field of an account that was reached, with its highest grade and that grade's highest rung."""

    name: str
    grade: Grade
    rung: str


@dataclass(frozen=True)
class BankAccount:
    """One account as one row of a table tells it: ``values`` by column, and at which ``bank`` it is.

    ``record``: system, table and key of the person's record; ``fields``: those reached of it in this table,
    of which another row of the same person may be the one meant. ``bank`` is empty where no column tells it.
    """

    record: tuple[str, str, str]
    person_id: str
    at: tuple[str, str]
    as_of_us: int
    bank: str
    values: Mapping[str, str]
    fields: tuple[ReachedField, ...]
    reasons: tuple[str, ...]

    @property
    def grade(self) -> Grade:
        """The highest grade of its fields."""
        return max(field.grade for field in self.fields)


def bank_columns(table: DataTable) -> list[str]:
    """Return the columns of a table that tell of bank accounts."""
    return [column.name for column in table.columns.values() if column.category is Category.BANK_ACCOUNT]


def bank_column(columns: Sequence[str]) -> str | None:
    """Return the column that tells which bank it is, by its name."""
    named = {spelled(column).strip(): column for column in reversed(columns)}
    return next((named[name] for name in _BANK_NAMES if name in named), None)


@dataclass(frozen=True)
class Accounts:
    """All accounts found; ``unlisted``: records whose account fields were reached and that have none here."""

    accounts: tuple[BankAccount, ...]
    unlisted: int


def names_bank(column: str) -> bool:
    """Tell whether a column says which bank it is, by its name: that is no secret of the account's."""
    return spelled(column).strip() in _BANK_NAMES


def read_accounts(workspace: Workspace) -> Accounts:
    """Return each account of which a field is *possible* at least, by system, table and the row's key.

    ``workspace.store`` holds a finished run's tables. An account that differs between snapshots is there as
    each tells it, the newest first.
    """
    accounts: list[BankAccount] = []
    reached: set[tuple[str, str, str]] = set()
    for name, system in sorted(workspace.datamap.systems.items()):
        for table in sorted(system.tables.values(), key=lambda table: table.name):
            columns = bank_columns(table)
            if columns:
                place = _Place(workspace, name, table, tuple(columns))
                reached |= place.reached()
                accounts += place.accounts()
    return Accounts(tuple(accounts), len(reached - {each.record for each in accounts}))


@dataclass(frozen=True)
class _Place:
    """A table with accounts."""

    workspace: Workspace
    system: str
    table: DataTable
    columns: tuple[str, ...]

    def reached(self) -> set[tuple[str, str, str]]:
        """Return the people's records of which an account field of this table was reached."""
        rows = self.workspace.store.rows(
            f"SELECT DISTINCT system, table_name, record_key FROM exposures WHERE {self._is_reached}"
        )
        return {(system, table, key) for system, table, key in rows}

    def accounts(self) -> Iterator[BankAccount]:
        """Yield the accounts of each snapshot, the newest first, each once."""
        taken = {one.as_of_us for one in self.workspace.snapshots if one.system == self.system}
        told: set[tuple[object, ...]] = set()
        for as_of in sorted(taken, reverse=True):
            # The next snapshot's files are kept under the same names: these rows are read before.
            for row in self._rows(as_of):
                written = (row["_owner"], row["_key"], *(row[column] for column in self.columns))
                if written not in told and any(row[column] for column in self.columns):
                    told.add(written)
                    yield self._account(row)

    @property
    def _is_reached(self) -> str:
        fields = ", ".join(quote_text(f"{self.table.name}.{column}") for column in self.columns)
        return (
            f"system = {quote_text(self.system)} AND field IN ({fields}) AND grade >= {int(Grade.POSSIBLE)}"
        )

    def _rows(self, as_of: int) -> list[dict[str, Any]]:
        owned = owned_rows(self.workspace, self.system, self.table, self.columns, as_of)
        if owned is None:
            return []
        named = ", ".join(f"h.{quote_name(column)}" for column in self.columns)
        query = f"""
            WITH fields AS (
              SELECT record_key, table_name, field,
                     max(grade * 10 + CAST(substr(rung, 2) AS INTEGER)) AS rank,
                     string_agg(DISTINCT NULLIF(reasons, ''), ';') AS reasons
              FROM exposures WHERE {self._is_reached} GROUP BY record_key, table_name, field
            ),
            reached AS (
              SELECT record_key, table_name, list({{'field': field, 'rank': rank}} ORDER BY field) AS fields,
                     string_agg(DISTINCT reasons, ';') AS reasons
              FROM fields GROUP BY record_key, table_name
            )
            SELECT h._owner, h._key, h._as_of, {named}, r.table_name, r.fields, r.reasons, p.person_id
            FROM ({owned.sql}) AS h
            JOIN reached AS r ON r.record_key = h._owner AND r.table_name = {quote_text(owned.owner)}
            JOIN people AS p ON p.system = {quote_text(self.system)} AND p.table_name = r.table_name
              AND p.record_key = h._owner
            ORDER BY h._owner, h._key
        """
        return [row for batch in self.workspace.store.batches(query, _ROWS_EACH) for row in batch.to_pylist()]

    def _account(self, row: Mapping[str, Any]) -> BankAccount:
        values = {column: row[column] or "" for column in self.columns}
        bank = bank_column(self.columns)
        fields = tuple(
            ReachedField(each["field"], Grade(each["rank"] // 10), f"L{each['rank'] % 10}")
            for each in row["fields"]
        )
        return BankAccount(
            (self.system, row["table_name"], row["_owner"]),
            row["person_id"],
            (self.table.name, row["_key"]),
            row["_as_of"],
            values[bank].strip() if bank else "",
            values,
            fields,
            tuple(sorted(filter(None, split_reasons(row["reasons"] or "")))),
        )
