"""A table as its columns, each with its type and what fills it; written as SQL for either database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from range.draws import Draws
from range.people.dialects import Dialect
from range.people.words import GIVEN_NAMES, MAIL_DOMAINS, PREFECTURES, SURNAMES, TOWNS


class Column(NamedTuple):
    """A column; ``value`` is an expression over the row's number ``i``."""

    name: str
    type: str
    value: str


@dataclass(frozen=True)
class Table:
    """A table, how many rows it is given, and what is looked up in it."""

    name: str
    rows: int
    columns: tuple[Column, ...]
    indexes: tuple[str, ...] = ()

    def create(self) -> str:
        """Return its definition; the first column is the key."""
        lines = [f"{each.name} {each.type}" for each in self.columns]
        return f"CREATE TABLE {self.name} ({', '.join(lines)}, PRIMARY KEY ({self.columns[0].name}))"

    def fill(self, dialect: Dialect) -> str:
        """Return the one statement that makes every row."""
        names = ", ".join(each.name for each in self.columns)
        values = ", ".join(each.value for each in self.columns)
        return f"INSERT INTO {self.name} ({names}) SELECT {values} FROM {dialect.rows(self.rows)}"

    def index(self) -> list[str]:
        """Return what makes its indexes, which is faster when the rows are there."""
        return [
            f"CREATE INDEX {self.name}_by_{number} ON {self.name} ({columns})"
            for number, columns in enumerate(self.indexes)
        ]


@dataclass(frozen=True)
class Person:
    """Expressions for what is drawn of a person; ``i`` is the person's number."""

    draws: Draws
    dialect: Dialect

    def word(self, name: str, words: tuple[Any, ...], part: int | None = None) -> str:
        """Return an expression that draws one of some words, or a part of one of some groups."""
        chosen = words if part is None else [word[part] for word in words]
        return self.dialect.pick(chosen, self.draws.sql(name, "i", len(words)))

    def number(self, name: str, below: int, count: int) -> str:
        """Return an expression for a drawn number of so many digits."""
        return self.dialect.digits(self.draws.sql(name, "i", below), count)

    def columns(self) -> dict[str, str]:
        """Return what every system knows of a person, by what it is."""
        draws, dialect = self.draws, self.dialect
        surname = [self.word("surname", SURNAMES, part) for part in range(3)]
        given = [self.word("given", GIVEN_NAMES, part) for part in range(3)]
        line = f"{self.number('exchange', 1000, 3)} || '-' || {self.number('line', 10_000, 4)}"
        return {
            "name": f"{surname[0]} || ' ' || {given[0]}",
            "kana": f"{surname[1]} || ' ' || {given[1]}",
            "sex": given[2],
            "birth": dialect.day("1940-01-01", draws.sql("birth", "i", 24_000)),
            "mail": f"{surname[2]} || '.' || i || '@' || {self.word('domain', MAIL_DOMAINS)}",
            "phone": f"'090-0' || {line}",
            "zip": f"'000-' || {self.number('zip', 10_000, 4)}",
            "prefecture": self.word("prefecture", PREFECTURES),
            "address": f"{self.word('town', TOWNS)} || (1 + {draws.sql('block', 'i', 9)}) || '-' || "
            f"(1 + {draws.sql('house', 'i', 29)})",
            "password_hash": dialect.sha256(password_sql(draws)),
            "account": self.number("account", 10_000_000, 7),
            "registered": dialect.day("2016-01-01", draws.sql("registered", "i", 3_800)),
        }


def password_sql(draws: Draws) -> str:
    """Return an expression for a person's password; hashed plainly, as what is weak does."""
    return f"'pw-' || i || '-' || {draws.sql('password', 'i', 1_000_000)}"


def password(draws: Draws, number: int) -> str:
    """Return what :func:`password_sql` computes."""
    return f"pw-{number}-{draws.number('password', number, 1_000_000)}"


def mail(draws: Draws, number: int) -> str:
    """Return a person's mail address, as the table has it."""
    surname = SURNAMES[draws.number("surname", number, len(SURNAMES))][2]
    return f"{surname}.{number}@{MAIL_DOMAINS[draws.number('domain', number, len(MAIL_DOMAINS))]}"
