"""The controls and the policy that the operator's file names, made ready; nothing outside is asked for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ashiato.outside.controls.control import Control
from ashiato.outside.controls.live_databases import LiveDatabase
from ashiato.outside.controls.nftables import Nftables
from ashiato.outside.controls.nginx import Nginx
from ashiato.outside.controls.nginx_closed import NginxClosed
from ashiato.outside.controls.nginx_deny import NginxDeny
from ashiato.outside.controls.nginx_slow import NginxSlow
from ashiato.outside.controls.roles_mariadb import MariadbRoles
from ashiato.outside.controls.roles_postgresql import PostgresqlRoles
from ashiato.outside.controls.sessions_redis import RedisServer, SessionsRedis
from ashiato.outside.controls.sessions_sql import AccountsSql, SessionsSql, Statements
from ashiato.outside.controls.site_trials import SiteTrial
from ashiato.rooms.containing.means import Means, NamedControl
from ashiato.rooms.containing.policy import policy_of

_LOCK = "containing.lock"


def means_of(said: Mapping[str, Any], home: Path) -> Means:
    """Return what this machine contains with, as the section ``containment`` of ``server.yaml`` says it.

    Raises: ControlError: an entry cannot be right whatever the machine.
    """
    controls = {
        name: NamedControl(name, _MAKERS[entry["kind"]](entry, home), tuple(entry.get("systems", ())))
        for name, entry in said.get("controls", {}).items()
    }
    return Means(controls, policy_of(said.get("policy", {})), home / _LOCK)


def _nftables(entry: Mapping[str, Any], home: Path) -> Control:
    del home
    return Nftables(entry.get("netns", ""), entry.get("seconds", 10.0))


def _nginx(entry: Mapping[str, Any]) -> Nginx:
    words = {name: entry[name] for name in ("conf", "header", "seconds") if name in entry}
    return Nginx(entry["trial"], **words)


def _nginx_deny(entry: Mapping[str, Any], home: Path) -> Control:
    return NginxDeny(_nginx(entry), home / entry["file"])


def _sessions_redis(entry: Mapping[str, Any], home: Path) -> Control:
    words = {name: entry[name] for name in ("database", "user", "seconds") if name in entry}
    file = home / entry["password_file"] if "password_file" in entry else None
    server = RedisServer(entry["host"], entry.get("port", 6379), entry["prefix"], password_file=file, **words)
    return SessionsRedis(server, SiteTrial(**entry["trial"]) if "trial" in entry else None)


def _nginx_slow(entry: Mapping[str, Any], home: Path) -> Control:
    return NginxSlow(_nginx(entry), home / entry["file"], entry["a_minute"])


def _nginx_closed(entry: Mapping[str, Any], home: Path) -> Control:
    return NginxClosed(_nginx(entry), home / entry["file"])


def _secrets(entry: Mapping[str, Any], home: Path) -> dict[str, Path]:
    return {role: home / file for role, file in entry.get("secrets", {}).items()}


def _postgresql_roles(entry: Mapping[str, Any], home: Path) -> Control:
    return PostgresqlRoles(_live_database(entry["database"], home), _secrets(entry, home))


def _mariadb_accounts(entry: Mapping[str, Any], home: Path) -> Control:
    return MariadbRoles(_live_database(entry["database"], home), _secrets(entry, home))


def _live_database(entry: Mapping[str, Any], home: Path) -> LiveDatabase:
    """Return a database as an entry names it; files are beside ``server.yaml``."""
    words = {name: entry[name] for name in ("host", "port", "user", "seconds") if name in entry}
    file = entry.get("password_file")
    return LiveDatabase(entry["engine"], entry["name"], password_file=home / file if file else None, **words)


def _statements(entry: Mapping[str, Any]) -> Statements:
    return Statements(entry["look"], entry["stop"], entry["restore"], entry["stopped"])


def _sessions_sql(entry: Mapping[str, Any], home: Path) -> Control:
    trial = SiteTrial(**entry["trial"]) if "trial" in entry else None
    return SessionsSql(_live_database(entry["database"], home), _statements(entry), trial)


def _accounts_sql(entry: Mapping[str, Any], home: Path) -> Control:
    return AccountsSql(_live_database(entry["database"], home), _statements(entry))


_MAKERS: Mapping[str, Callable[[Mapping[str, Any], Path], Control]] = {
    "nftables": _nftables,
    "nginx-deny": _nginx_deny,
    "nginx-slow": _nginx_slow,
    "nginx-closed": _nginx_closed,
    "postgresql-roles": _postgresql_roles,
    "mariadb-accounts": _mariadb_accounts,
    "sessions-sql": _sessions_sql,
    "accounts-sql": _accounts_sql,
    "sessions-redis": _sessions_redis,
}
