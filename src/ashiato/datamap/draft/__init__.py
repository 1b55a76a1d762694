"""Draft a data map from a schema, from the contents of a snapshot and from the logs.

Reads: SQL files, CSV folders, SQLite files; the run's tables ``events``, ``causes`` and ``readings`` when
given. Writes nothing. A draft claims only what it has seen: what is guessed stands in a comment, what needs
a look begins with CHECK.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ashiato.datamap.draft.collations import Paper, collations_in_paper
from ashiato.datamap.draft.logs import draft_sources, find_mysql, find_pooled
from ashiato.datamap.draft.routes import SeenRoute, Tables, draft_route, see_routes
from ashiato.datamap.draft.systems import draft_system, read_system
from ashiato.datamap.model import Accounts, DataMap, Route, Source, System
from ashiato.datamap.render import render_datamap
from ashiato.written.problems import Spot

_SHAPES_SHOWN = 6
_SHAPE_CHARS = 200
_OPENING = (
    "A draft. It claims what was seen in the schema, the tables and the logs; lines with CHECK are guesses",
    "that need a look. What each key means, and what else can be said: docs/guides/datamap.md",
)


@dataclass(frozen=True)
class Draft:
    """A drafted map and, by spot, what was guessed and why."""

    datamap: DataMap
    notes: Mapping[Spot, tuple[str, ...]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The draft as ``datamap.yaml``, the notes as comments."""
        return render_datamap(self.datamap, self.notes)


def draft_datamap(
    systems: Mapping[str, Path],
    tables: Tables | None = None,
    *,
    name: str = "",
    zone: str | None = None,
    papers: Iterable[Paper] = (),
) -> Draft:
    """Draft a map of ``systems`` (name -> a folder of CSV and SQL files, a SQL file or a SQLite file).

    ``tables`` gives the logs' events; ``zone`` is the estate's; ``papers`` may say how text sorts. Files that
    cannot be read are named in notes.
    """
    notes: dict[Spot, tuple[str, ...]] = {(): _OPENING}
    drafted = {}
    accounts = Accounts()
    told = [one for paper in papers for one in collations_in_paper(paper)]
    for system in sorted(systems):
        seen = read_system(system, systems[system])
        # Of several systems, a paper that names another database, or none, may mean any.
        seen.collations += [one for one in told if len(systems) == 1 or one.database == system]
        drafted[system], accounts = draft_system(seen, accounts, notes)
    only = next(iter(drafted)) if len(drafted) == 1 else None
    if tables and only is not None:
        drafted[only] = _by_its_logs(drafted[only], tables)
    routes = _draft_routes(tables, only, notes) if tables else ()
    sources = _draft_sources(tables, only, notes) if tables else ()
    if tables:
        accounts = _with_pooled(accounts, find_pooled(tables))
    return Draft(DataMap(name, zone, drafted, routes, accounts, sources), notes)


def _by_its_logs(system: System, tables: Tables) -> System:
    """Return a system as what its logs show it to be, where its files did not say MySQL or MariaDB."""
    found = find_mysql(tables)
    if found is None or system.engine in ("mysql", "mariadb"):
        return system
    engine, database = found
    return replace(system, engine=engine, default_schema=database or system.default_schema)


def _with_pooled(accounts: Accounts, pooled: tuple[str, ...]) -> Accounts:
    return Accounts(
        pooled=pooled,
        staff_table=accounts.staff_table,
        staff_name=accounts.staff_name,
        staff_role=accounts.staff_role,
    )


def _draft_routes(
    tables: Tables, system: str | None, notes: dict[Spot, tuple[str, ...]]
) -> tuple[Route, ...]:
    seen = see_routes(tables)
    for number, route in enumerate(seen):
        notes["routes", number] = tuple(_route_notes(route))
    return tuple(draft_route(route, system) for route in seen)


def _route_notes(route: SeenRoute) -> list[str]:
    statuses = ", ".join(f"{status.requests} x {code}" for code, status in sorted(route.statuses.items()))
    shapes = sorted(route.shapes.items(), key=lambda item: (-item[1], item[0]))
    lines = (
        [f"{statuses}. Statements are learned from the logs; seen so far:"] if shapes else [f"{statuses}."]
    )
    lines += [f"  {count} x {shape[:_SHAPE_CHARS]}" for shape, count in shapes[:_SHAPES_SHOWN]]
    more = len(shapes) - _SHAPES_SHOWN
    return [*lines, f"  and {more} more"] if more > 0 else lines


def _draft_sources(
    tables: Tables, system: str | None, notes: dict[Spot, tuple[str, ...]]
) -> tuple[Source, ...]:
    found = draft_sources(tables, system)
    for number, (_, kind) in enumerate(found):
        notes["sources", number] = (f"read as {kind}",)
    return tuple(source for source, _ in found)
