"""L0: what the access that each path had could read, by its database users and by its routes."""

from __future__ import annotations

from collections.abc import Iterator

from ashiato.datamap.model import DataMap, Route, System
from ashiato.datamap.statements import tables_named
from ashiato.engine.coverage.rights import Rights
from ashiato.engine.routes import RouteBook, is_answered
from ashiato.engine.store import Row, Store

_HELD = """
SELECT DISTINCT i.path, e.database_user_name FROM intrusion AS i JOIN events AS e ON e.event_id = i.event_id
WHERE e.event_kind = 'sql' AND e.database_user_name IS NOT NULL ORDER BY 1, 2
"""
_ASKED = """
SELECT DISTINCT i.path, e.http_request_method, e.http_request_path
FROM intrusion AS i JOIN events AS e ON e.event_id = i.event_id
WHERE e.event_kind = 'http' AND e.http_request_path IS NOT NULL ORDER BY 1, 2, 3
"""


def list_reachable(store: Store, datamap: DataMap, rights: Rights) -> list[Row]:
    """Return the rows of table REACHABLE; ``rights``: what dumps say."""
    rows = {
        (path, *row)
        for path, user in store.rows(_HELD)
        for system in datamap.systems.values()
        for row in _of_user(user, system, rights)
    }
    for path, number in _routes_used(store, datamap):
        rows |= {(path, *row) for row in _of_route(datamap.routes[number], datamap)}
    return sorted(rows)


def _of_user(user: str, system: System, rights: Rights) -> Iterator[Row]:
    for table in system.tables.values():
        schema, _, bare = f"{system.default_schema}.{table.name}".rpartition(".")
        held = rights.readable(user, bare, schema.rpartition(".")[2])
        if held is not None:
            columns = ";".join(held.columns) or "*"
            yield (
                system.name,
                "database-user",
                user,
                table.name,
                _person_table(system, table.name),
                columns,
                held.ground,
            )


def _routes_used(store: Store, datamap: DataMap) -> set[tuple[str, int]]:
    book = RouteBook(datamap.routes)
    found = ((path, book.find(method or "", asked)) for path, method, asked in store.rows(_ASKED))
    return {(path, number) for path, number in found if number is not None}


def _of_route(route: Route, datamap: DataMap) -> Iterator[Row]:
    """Yield what a route's statements read; of one whose statements are not told, what its reply carries."""
    system = datamap.systems.get(route.system or next(iter(datamap.systems), ""))
    if system is None:
        return
    way = f"{'/'.join(route.methods)} {route.path}".strip()
    told = _tables_told(route, system)
    answer = route.answer
    for table in system.tables.values():
        columns = [column for column in table.columns if is_answered(answer, f"{table.name}.{column}")]
        is_told = not told or _bare(table.name) in told
        if is_told and (columns or (answer.columns is None and not table.columns)):
            named = ";".join(columns) or "*"
            ground = "route" if told or answer.columns is not None else "route-not-told"
            yield system.name, "route", way, table.name, _person_table(system, table.name), named, ground


def _tables_told(route: Route, system: System) -> frozenset[str]:
    """Return the bare names of what a route's statements read; none where one cannot be told.

    What the data map does not have may be a view over anything.
    """
    named = [tables_named(text, system.engine) for text in route.statements]
    told = frozenset[str]().union(*filter(None, named))
    return told if None not in named and told <= set(map(_bare, system.tables)) else frozenset()


def _bare(name: str) -> str:
    return name.rpartition(".")[2].lower()


def _person_table(system: System, name: str) -> str | None:
    """Return the people table that a table's rows hang on, or None when they are nobody's."""
    seen: set[str] = set()
    while (table := system.tables.get(name)) is not None and name not in seen:
        seen.add(name)
        if table.person:
            return name
        if table.belongs is None:
            return None
        name = table.belongs.table
    return None
