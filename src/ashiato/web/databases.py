"""How Django reaches the server's database: SQLite in the data folder, or a PostgreSQL that is named."""

from __future__ import annotations

from typing import Any

from ashiato.rooms.private_files import read_private
from ashiato.web.configuration import SQLITE, Configuration, NamedDatabase

#: A writer waits so long for another; every transaction says at its start that it will write, so that none
#: is refused half way. WAL lets readers go on meanwhile, and with NORMAL a crash of the machine may take the
#: last commits, so a claim is synced in full.
_SQLITE_SECONDS = 30
_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-65536"
)
_SECONDS_TO_CONNECT = 10


def database_of(configuration: Configuration) -> dict[str, Any]:
    """Return the entry of Django's DATABASES."""
    if configuration.database is None:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": configuration.home / SQLITE,
            "OPTIONS": {
                "timeout": _SQLITE_SECONDS,
                "transaction_mode": "IMMEDIATE",
                "init_command": _PRAGMAS,
            },
        }
    return _postgresql(configuration.database)


def _postgresql(named: NamedDatabase) -> dict[str, Any]:
    password = read_private(named.password_file).decode().strip() if named.password_file else ""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": named.name,
        "USER": named.user,
        "PASSWORD": password,
        "HOST": named.host,
        "PORT": named.port,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": _SECONDS_TO_CONNECT, **named.trust()},
    }
