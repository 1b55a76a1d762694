"""The oracle's database: tables as lists of rows in heap order, changed one statement at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from tests.proof.queries import Plain

RowId: TypeAlias = "tuple[str, int]"
Place: TypeAlias = "tuple[str, int, str]"


@dataclass(frozen=True)
class Design:
    """A table's make: its columns and kinds, its key, whose rows it holds.

    ``kinds``: ``integer``, ``text``, ``date`` or ``numeric`` by column. ``owner``: the table on the way to
    people, and the columns here that hold its key.
    """

    name: str
    kinds: dict[str, str]
    key: tuple[str, ...]
    person: bool = False
    owner: tuple[str, tuple[str, ...]] | None = None


@dataclass
class Row:
    """One stored row; its number stays its own however its values change."""

    number: int
    values: dict[str, Plain]


@dataclass(frozen=True)
class Trigger:
    """What runs with every row of a table that an ``event`` writes.

    ``into``: the table in which a copy of the row as it was or is (``side``) is put, its columns by those
    there (``copies``). ``sets``: else what the row's columns are set to before it is written, as long as
    their row of the table ``above`` is there.
    """

    table: str
    event: str
    into: str = ""
    side: str = ""
    copies: dict[str, str] = field(default_factory=dict)
    sets: dict[str, Plain] = field(default_factory=dict)
    above: str = ""


@dataclass
class Base:
    """All tables of one incident, as of the statement that runs now."""

    designs: dict[str, Design]
    rows: dict[str, list[Row]] = field(default_factory=dict)
    given: int = 0
    #: What references do when their row goes (``CASCADE``, ``SET NULL``); none: it does not go.
    on_delete: str = ""
    #: By table: the tables that refer to it, each with its columns and those they refer to.
    referring: dict[str, list[tuple[str, dict[str, str]]]] = field(default_factory=dict)
    triggers: list[Trigger] = field(default_factory=list)
    #: By people table and key: the first key of a record whose key was written.
    first_keys: dict[tuple[str, str], str] = field(default_factory=dict)

    def insert(self, table: str, values: dict[str, Plain]) -> Row:
        """Put a row at the end of its heap."""
        self.given += 1
        row = Row(self.given, {name: values.get(name) for name in self.designs[table].kinds})
        self.rows.setdefault(table, []).append(row)
        self._fire(table, "insert", {}, row.values)
        return row

    def update(self, table: str, row: Row, values: dict[str, Plain]) -> Row:
        """Write a row anew: its new version stands at the end of the heap."""
        held = self.rows[table]
        held.remove(row)
        made = Row(row.number, {**row.values, **values, **self._set(table)})
        held.append(made)
        own, new = self.record_of(table, self.key_of(table, row))[1], self.key_of(table, made)
        if self.designs[table].person and own != new:
            self.first_keys[table, new] = own
        self._fire(table, "update", row.values, made.values)
        return made

    def _set(self, table: str) -> dict[str, Plain]:
        """Return what triggers set in a row of this table that is written."""
        found: dict[str, Plain] = {}
        for trigger in self.triggers:
            if trigger.table == table and trigger.sets:
                wanted = dict(zip(self.designs[trigger.above].key, trigger.sets.values(), strict=True))
                above = self.rows.get(trigger.above, [])
                if any(all(row.values[n] == value for n, value in wanted.items()) for row in above):
                    found |= trigger.sets
        return found

    def _fire(self, table: str, event: str, old: dict[str, Plain], new: dict[str, Plain]) -> None:
        for trigger in self.triggers:
            if (trigger.table, trigger.event) == (table, event) and trigger.into:
                self.copy(trigger, old if trigger.side == "old" else new)

    def copy(self, trigger: Trigger, values: dict[str, Plain]) -> None:
        """Put a copy of a row where a trigger keeps them."""
        copied = {there: values[here] for there, here in trigger.copies.items()}
        self.insert(trigger.into, {"id": self.given + 1, **copied})

    def delete(self, table: str, row: Row) -> None:
        """Take a row out, and do what refers to it does then."""
        self.rows[table].remove(row)
        self._fire(table, "delete", row.values, {})
        for child, ties in self.referring.get(table, []) if self.on_delete else []:
            for held in [one for one in self.rows.get(child, []) if _refers(one, row, ties)]:
                if self.on_delete == "CASCADE":
                    self.delete(child, held)
                else:
                    self.update(child, held, dict.fromkeys(ties))

    def key_of(self, table: str, row: Row) -> str:
        """Return a row's key as text, parts joined by ``|``."""
        return "|".join(text_of(row.values[name]) for name in self.designs[table].key)

    def record_of(self, table: str, key: str) -> tuple[str, str]:
        """Return a person's record under its first key."""
        return table, self.first_keys.get((table, key), key)

    def owners(self) -> dict[RowId, tuple[str, str]]:
        """Return, for every row that hangs on a person now, the people table and the record's key."""
        found: dict[RowId, tuple[str, str]] = {}
        keyed = {name: self._keyed(name) for name in self.designs}
        for name in self.designs:
            for row in self.rows.get(name, []):
                owner = self._owner(name, row, keyed)
                if owner is not None:
                    found[name, row.number] = owner
        return found

    def left_behind(self) -> dict[RowId, tuple[str, str]]:
        """Return, for every row that names a person who is gone, the people table and that person's key."""
        found: dict[RowId, tuple[str, str]] = {}
        for name, design in self.designs.items():
            if design.owner is None or not self.designs[design.owner[0]].person:
                continue
            above, columns = design.owner
            there = self._keyed(above)
            for row in self.rows.get(name, []):
                named = tuple(row.values[column] for column in columns)
                if None not in named and named not in there:
                    found[name, row.number] = self.record_of(above, "|".join(map(text_of, named)))
        return found

    def _keyed(self, table: str) -> dict[tuple[Plain, ...], Row]:
        """Return a table's rows by their keys, the first of those that share one."""
        found: dict[tuple[Plain, ...], Row] = {}
        for row in self.rows.get(table, []):
            found.setdefault(tuple(row.values[name] for name in self.designs[table].key), row)
        return found

    def _owner(
        self, table: str, row: Row, keyed: dict[str, dict[tuple[Plain, ...], Row]]
    ) -> tuple[str, str] | None:
        design = self.designs[table]
        if design.person:
            return self.record_of(table, self.key_of(table, row))
        if design.owner is None:
            return None
        above, columns = design.owner
        parent = keyed[above].get(tuple(row.values[name] for name in columns))
        return self._owner(above, parent, keyed) if parent is not None else None


def _refers(child: Row, parent: Row, ties: dict[str, str]) -> bool:
    return all(child.values[own] == parent.values[other] for own, other in ties.items())


def text_of(value: Plain) -> str:
    """Return a value as the server casts it to text; NULL as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value)
