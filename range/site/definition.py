"""What sets one application apart from the other: its tables, the paths of its pages, and its roles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from range.draws import Draws
from range.people.dialects import Dialect
from range.people.tables import Table

#: The application's database roles, one for each of its functions, so that one can be locked alone.
ROLES = ("site_accounts", "site_customer", "site_staff", "site_partner", "site_search")


@dataclass(frozen=True)
class People:
    """The table with a row for each person, and what of it is shown where."""

    table: str
    key: str
    name: str
    mail: str
    shown: tuple[str, ...]
    listed: tuple[str, ...]


@dataclass(frozen=True)
class Belonging:
    """A table whose rows belong to a person."""

    table: str
    by: str
    shown: tuple[str, ...]


@dataclass(frozen=True)
class Searched:
    """The public search whose words are pasted into its statement; every name in it holds ``word``."""

    path: str
    table: str
    shown: tuple[str, ...]
    narrowed: str
    word: str
    prints_errors: bool


@dataclass(frozen=True)
class Site:
    """One application."""

    name: str
    title: str
    engine: str
    people: People
    belongings: tuple[Belonging, ...]
    searched: Searched
    record: str
    listing: str
    batch: str
    left_over: str
    tables: Callable[[Draws, Dialect, int], list[Table]]

    @property
    def export(self) -> str:
        """The path of the staff's CSV export."""
        return f"{self.listing}.csv"

    def grants(self) -> dict[str, list[str]]:
        """Return what each role may do. That the search's may read it all is a fault, on purpose."""
        people, belonging = self.people.table, [each.table for each in self.belongings]
        accounts = [f"SELECT ON {table}" for table in (people, "staff", "partners")]
        reading = [f"SELECT ON {table}" for table in (people, *belonging)]
        return {
            "site_accounts": [*accounts, "SELECT, INSERT, DELETE ON sessions"],
            "site_customer": reading,
            "site_staff": reading,
            "site_partner": [f"SELECT ON {people}"],
            "site_search": [*reading, f"SELECT ON {self.searched.table}", "SELECT ON staff"],
        }
