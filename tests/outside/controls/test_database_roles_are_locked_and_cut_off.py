"""Roles of a real PostgreSQL and accounts of a real MariaDB: signed in, cut off, refused, let in again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import pytest

from ashiato.outside.controls import deeds
from ashiato.outside.controls.database_roles import DatabaseRoles
from ashiato.outside.controls.live_databases import LiveDatabase
from ashiato.outside.controls.roles_mariadb import MariadbRoles
from ashiato.outside.controls.roles_postgresql import PostgresqlRoles
from ashiato.outside.controls.targets import ControlError, checked_target
from tests.journeys.databases import mariadb, postgresql
from tests.outside.controls.laws import hold_for, now

pytestmark = pytest.mark.slow
_WORD = "pass word"
HOSTILE = 'x";DROP/**/ROLE/**/app;--'


@dataclass(frozen=True)
class Guarded:
    """A control over a server, the name of a role there, and how its owner signs in."""

    control: DatabaseRoles
    role: str
    own: str
    sign_in: Callable[[], Any]
    errors: type[Exception]

    def gets_in(self) -> bool:
        """Tell whether the role's owner signs in."""
        try:
            self.sign_in().close()
        except self.errors:
            return False
        return True


@pytest.fixture(scope="module", params=["postgresql", "mariadb"])
def guarded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    secret = tmp_path_factory.mktemp("secrets") / "app"
    secret.write_text(_WORD)
    secret.chmod(0o600)
    yield from (_postgresql(secret) if request.param == "postgresql" else _mariadb(secret))


def _postgresql(secret: Path) -> Iterator[Guarded]:
    with postgresql() as served:
        live = LiveDatabase("postgresql", "postgres", "127.0.0.1", served.port, "site", seconds=5)
        where = f"host=127.0.0.1 port={served.port} dbname=postgres"

        def query(text: str) -> list[Any]:
            with closing(psycopg.connect(f"{where} user=site", autocommit=True)) as asked:
                found = asked.execute(text.encode())
                return found.fetchall() if found.description else []

        query("CREATE ROLE app LOGIN PASSWORD 'pass word'")
        query("""CREATE ROLE "x"";DROP/**/ROLE/**/app;--" LOGIN""")
        control = PostgresqlRoles(live, {"app": secret})
        yield Guarded(
            control,
            "app",
            "site",
            lambda: psycopg.connect(f"{where} user=app password='pass word'"),
            psycopg.Error,
        )


def _mariadb(secret: Path) -> Iterator[Guarded]:
    with mariadb() as served:
        live = LiveDatabase("mariadb", "", "127.0.0.1", served.port, "root", seconds=5)

        def query(text: str) -> list[Any]:
            with closing(served.connect()) as asked, asked.cursor() as cursor:
                cursor.execute(text)
                return list(cursor.fetchall())

        query("CREATE USER 'app'@'%' IDENTIFIED BY 'pass word'")
        query("""CREATE USER 'x";DROP/**/ROLE/**/app;--'@'%'""")
        control = MariadbRoles(live, {"app@%": secret})

        def sign_in() -> Any:
            return pymysql.connect(host="127.0.0.1", port=served.port, user="app", password=_WORD)

        yield Guarded(control, "app@%", "root@localhost", sign_in, pymysql.Error)


def test_a_role_is_out_and_in_again(guarded: Guarded) -> None:
    hold_for(guarded.control, [checked_target("shop", "database-role", guarded.role)], guarded.gets_in)


def test_whoever_is_in_is_cut_off(guarded: Guarded) -> None:
    changes = deeds.dry_run(guarded.control, [checked_target("shop", "database-role", guarded.role)], now())
    with closing(guarded.sign_in()) as inside:
        deeds.apply(guarded.control, changes, now())
        with pytest.raises(guarded.errors):
            inside.cursor().execute("SELECT 1")
    deeds.undo(guarded.control, changes, now())
    assert guarded.gets_in()


def test_a_hostile_name_is_that_role_alone(guarded: Guarded) -> None:
    target = checked_target("shop", "database-role", HOSTILE)
    changes = deeds.dry_run(
        guarded.control, [target, checked_target("shop", "database-role", "nobody")], now()
    )
    assert [each["is_known"] for each in guarded.control.observe([target])] == [True]
    deeds.apply(guarded.control, changes, now())
    assert guarded.gets_in()
    assert guarded.control.observe([target]) == [{"is_known": True, "may_log_in": False}]
    assert [each.is_blocked for each in deeds.verify(guarded.control, changes)] == [None, None]
    deeds.undo(guarded.control, changes, now())
    assert guarded.control.observe([target]) == [changes[0].before]


def test_our_own_role_is_not_locked(guarded: Guarded) -> None:
    with pytest.raises(ControlError, match="the role that locks"):
        deeds.dry_run(guarded.control, [checked_target("shop", "database-role", guarded.own)], now())
