"""A site's database: its tables full of people, its roles with what each may do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

from range.draws import Draws
from range.people.dialects import Dialect, MariaDbDialect, PostgreSqlDialect
from range.servers.databases import mariadb_owner, postgresql_owner
from range.site.accounts import SESSIONS
from range.site.definition import ROLES, Site


def owner_of(site: Site, port: int) -> Any:
    """Return a connection to a site's database that may do everything and is not in its log."""
    if site.engine == "postgresql":
        return postgresql_owner(port, site.name)
    return mariadb_owner(port, site.name)


def dialect_of(site: Site) -> Dialect:
    """Return how a site's database writes."""
    return PostgreSqlDialect() if site.engine == "postgresql" else MariaDbDialect()


def fill(site: Site, port: int, people: int, seed: int) -> None:
    """Make the site's database, every table at once and seeded, and the roles."""
    _run(
        postgresql_owner(port, "postgres") if site.engine == "postgresql" else mariadb_owner(port),
        _made(site),
    )
    _run(owner_of(site, port), _statements(site, people, Draws(seed)))


def _run(connection: Any, statements: Iterator[str]) -> None:
    with closing(connection), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _made(site: Site) -> Iterator[str]:
    yield f"CREATE DATABASE {site.name}"
    for role in ROLES:
        yield f"CREATE ROLE {role} LOGIN" if site.engine == "postgresql" else f"CREATE USER {role}@'%'"


def _statements(site: Site, people: int, draws: Draws) -> Iterator[str]:
    dialect = dialect_of(site)
    for table in site.tables(draws, dialect, people):
        yield table.create()
        yield table.fill(dialect)
        yield from table.index()
    yield SESSIONS
    for role, allowed in site.grants().items():
        to = role if site.engine == "postgresql" else f"{role}@'%'"
        yield from (f"GRANT {each} TO {to}" for each in allowed)
    yield "ANALYZE" if site.engine == "postgresql" else f"ANALYZE TABLE {site.people.table}"
