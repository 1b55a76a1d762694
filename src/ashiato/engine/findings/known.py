"""Writes what the data map says that findings need: login routes, machines, offices, roles, the clock."""

from __future__ import annotations

import csv
import ipaddress
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pyarrow as pa

from ashiato.engine.workspace import Workspace

_KNOWN = pa.schema([("kind", pa.string()), ("value", pa.string())])
_ROLES = pa.schema([("account", pa.string()), ("role", pa.string())])
_CLOCK = pa.schema([("offset_us", pa.int64())])


def write_known(workspace: Workspace) -> None:
    """Write ``finding_known``, ``finding_known_roles`` and ``finding_clock``."""
    accounts = workspace.datamap.accounts
    known = [("login", route.path) for route in workspace.datamap.routes if route.login]
    known += [("machine", name) for name in accounts.machines]
    known += [("proxy", name) for name in accounts.proxies]
    known += [("has-office", network) for network in accounts.offices]
    known += [("office", address) for address in _inside(accounts.offices, workspace)]
    roles = sorted({**_staff_of(workspace), **accounts.staff_roles}.items())
    store = workspace.store
    store.write_as("finding_known", _table_of(sorted(set(known)), _KNOWN))
    store.write_as("finding_known_roles", _table_of(roles, _ROLES))
    store.write_as("finding_clock", _table_of([(_offset_us(workspace),)], _CLOCK))


def _inside(offices: tuple[str, ...], workspace: Workspace) -> Iterator[str]:
    """Yield the addresses of the events that lie in an office."""
    networks = [ipaddress.ip_network(text.strip(), strict=False) for text in offices]
    sql = "SELECT DISTINCT src_endpoint_ip FROM events WHERE src_endpoint_ip IS NOT NULL"
    for (address,) in workspace.store.rows(sql) if networks else ():
        with suppress(ValueError):  # a log may say anything in an address's place
            parsed = ipaddress.ip_address(address)
            if any(parsed in network for network in networks):
                yield address


def _table_of(rows: list[tuple[str, str]] | list[tuple[int]], schema: pa.Schema) -> pa.Table:
    columns = [[row[index] for row in rows] for index in range(len(schema))]
    return pa.table([pa.array(c, k) for c, k in zip(columns, schema.types, strict=True)], schema=schema)


def _staff_of(workspace: Workspace) -> dict[str, str]:
    accounts = workspace.datamap.accounts
    if not (accounts.staff_table and accounts.staff_name and accounts.staff_role):
        return {}
    found: dict[str, str] = {}
    for snapshot in workspace.snapshots:
        file = snapshot.folder / f"{accounts.staff_table}.csv"
        if file.exists():
            with file.open(encoding="utf-8-sig", newline="", errors="replace") as opened:
                for row in csv.DictReader(opened):
                    name, role = row.get(accounts.staff_name), row.get(accounts.staff_role)
                    if name and role:
                        found[name] = role
    return found


def _offset_us(workspace: Workspace) -> int:
    # One offset for the whole case: an hour's error at a change of summer time shifts no office hours much.
    newest = workspace.store.rows("SELECT MAX(start_us) FROM events")[0][0] or 0
    offset = workspace.zone.utcoffset(datetime.fromtimestamp(newest / 1_000_000, UTC).replace(tzinfo=None))
    return int(offset.total_seconds() * 1_000_000) if offset else 0
