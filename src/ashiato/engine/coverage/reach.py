"""L0: what the access that each path had could read, by its database users and by its routes."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from ashiato.datamap.model import DataMap, Route, System
from ashiato.engine.coverage.rights import Rights
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


def list_reachable(store: Store, datamap: DataMap, rights: dict[str, Rights]) -> list[Row]:
    """Return the rows of table REACHABLE; ``rights``: what dumps say, by system."""
    rows = {
        (path, *row)
        for path, user in store.rows(_HELD)
        for system in datamap.systems.values()
        for row in _of_user(user, system, rights[system.name])
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
                person_table(system, table.name),
                columns,
                held.ground,
            )


def _routes_used(store: Store, datamap: DataMap) -> set[tuple[str, int]]:
    used: set[tuple[str, int]] = set()
    for path, method, asked in store.rows(_ASKED):
        for number, route in enumerate(datamap.routes):
            if (path, number) not in used and _is_of(route, method, asked):
                used.add((path, number))
                break
    return used


def _is_of(route: Route, method: str | None, asked: str) -> bool:
    if route.methods and method not in route.methods:
        return False
    parts, wanted = asked.strip("/").split("/"), route.path.strip("/").split("/")
    return len(parts) == len(wanted) and all(
        name.startswith("{") or name == part for name, part in zip(wanted, parts, strict=True)
    )


def _of_route(route: Route, datamap: DataMap) -> Iterator[Row]:
    """Yield what a route's statements read; of one whose statements are not told, what its reply carries."""
    system = datamap.systems.get(route.system or next(iter(datamap.systems), ""))
    if system is None:
        return
    way = f"{'/'.join(route.methods)} {route.path}".strip()
    told = {table for text in route.statements for table in _tables_of(text)}
    answered = route.answer.columns
    for table in system.tables.values():
        columns = [
            column
            for column in table.columns
            if _goes_out(f"{table.name}.{column}", answered, route.answer.drops)
        ]
        if (not told or table.name in told) and (columns or (answered is None and not table.columns)):
            named = ";".join(columns) or "*"
            ground = "route" if told or answered is not None else "route-not-told"
            yield system.name, "route", way, table.name, person_table(system, table.name), named, ground


def _goes_out(column: str, answered: tuple[str, ...] | None, drops: tuple[str, ...]) -> bool:
    if any(fnmatchcase(column, pattern) for pattern in drops):
        return False
    return answered is None or any(fnmatchcase(column, pattern) for pattern in answered)


def _tables_of(text: str) -> set[str]:
    plain = text.replace("{", "p_").replace("}", "")
    try:
        return {table.name for table in parse_one(plain, read="postgres").find_all(exp.Table)}
    except (SqlglotError, RecursionError):
        return set()


def person_table(system: System, name: str) -> str | None:
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
