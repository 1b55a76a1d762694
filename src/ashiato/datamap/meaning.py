"""Check what a structure check cannot: that every name in the map means something in the map."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from ashiato.datamap.fields import EVENT_FIELDS
from ashiato.datamap.patterns import columns_of, find_table
from ashiato.datamap.statements import check_statements
from ashiato.datamap.table_meaning import check_table
from ashiato.written.parsing import Written
from ashiato.written.problems import Problem, Spot, closest, meant, shown


def check_meaning(written: Written) -> Iterator[Problem]:
    """Yield every name that leads nowhere; call it only on a map whose structure is right."""
    top: Mapping[str, Any] = written.value or {}
    systems: Mapping[str, Any] = top.get("systems") or {}
    yield from _check_zone(written, ("zone",), top)
    for name, system in systems.items():
        yield from _check_zone(written, ("systems", name, "zone"), system)
        for table in system.get("tables") or {}:
            yield from check_table(written, ("systems", name, "tables", table), system["tables"])
    yield from _check_routes(written, top.get("routes") or [], systems)
    yield from _check_accounts(written, top.get("accounts") or {}, systems)
    for number, source in enumerate(top.get("sources") or []):
        yield from _check_source(written, ("sources", number), source, systems)


def _check_zone(written: Written, spot: Spot, holder: Mapping[str, Any]) -> Iterator[Problem]:
    zone = holder.get("zone")
    if zone is not None and not _is_zone(zone):
        near = closest(zone, available_timezones()) if "/" in zone else None
        fix = f"write an IANA name, such as `{near or 'Asia/Tokyo'}` or `UTC`."
        yield written.problem(spot, f"`{shown(zone)}` is not a time zone.", fix)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True


def _check_system(
    written: Written, spot: Spot, holder: Mapping[str, Any], systems: Mapping[str, Any]
) -> Iterator[Problem]:
    name = holder.get("system")
    if name is not None and name not in systems:
        what = f"the system `{shown(name)}` is not in the map."
        yield written.problem((*spot, "system"), what, meant(name, systems))


def _check_routes(
    written: Written, routes: list[Mapping[str, Any]], systems: Mapping[str, Any]
) -> Iterator[Problem]:
    taken: dict[tuple[str, str], int] = {}
    for number, route in enumerate(routes):
        spot: Spot = ("routes", number)
        yield from _check_system(written, spot, route, systems)
        yield from _check_path(written, (*spot, "path"), route["path"])
        for method in route.get("methods") or ["any method"]:
            first = taken.setdefault((route["path"], method), number)
            if first != number:
                what = f"{method} {shown(route['path'])} is already routes[{first}]."
                yield written.problem(spot, what, "merge the two, or correct the path or the methods.")
        yield from check_statements(written, spot, route, systems)
        answer = route.get("answer")
        if isinstance(answer, Mapping):
            yield from _check_answer(written, (*spot, "answer"), answer, _reach(route, systems))


def _check_path(written: Written, spot: Spot, path: str) -> Iterator[Problem]:
    plain = path.replace("{", "").replace("}", "")
    names = [part.split("}")[0] for part in path.split("{")[1:]]
    well = path.count("{") == path.count("}") == len(names) and all(names)
    if not well or any("{" in name or "/" in name for name in names) or not plain.startswith("/"):
        what = f"the braces of `{shown(path)}` do not pair."
        yield written.problem(spot, what, "write each changing part as `{name}`, such as `/orders/{id}`.")


def _reach(route: Mapping[str, Any], systems: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The tables, system by system, that a route's answer may name."""
    named = systems.get(route.get("system", ""))
    chosen = [named] if named is not None else list(systems.values())
    return [system.get("tables") or {} for system in chosen]


def _check_answer(
    written: Written, spot: Spot, answer: Mapping[str, Any], reach: list[Mapping[str, Any]]
) -> Iterator[Problem]:
    for key in ("columns", "drops"):
        for number, pattern in enumerate(answer.get(key) or []):
            table, _, column = pattern.rpartition(".")
            yield from _check_column(written, (*spot, key, number), (table, column), reach)


def _check_column(
    written: Written, spot: Spot, pattern: tuple[str, str], reach: list[Mapping[str, Any]]
) -> Iterator[Problem]:
    table, column = pattern
    homes = [tables for tables in reach if table in tables]
    if not homes:
        what = f"the table `{shown(table)}` is not in the map."
        yield written.problem(spot, what, meant(table, [name for tables in reach for name in tables]))
        return
    known = [name for tables in homes for name in columns_of(tables[table])]
    if column != "*" and known and column not in known:
        what = f"the table `{shown(table)}` has no column `{shown(column)}`."
        yield written.problem(spot, what, meant(column, known))


def _check_accounts(
    written: Written, accounts: Mapping[str, Any], systems: Mapping[str, Any]
) -> Iterator[Problem]:
    for key in ("offices", "proxies"):
        for number, network in enumerate(accounts.get(key) or []):
            yield from _check_network(written, ("accounts", key, number), network)
    listed = accounts.get("staff_table")
    if listed is None:
        return
    spot: Spot = ("accounts", "staff_table")
    reach = [system.get("tables") or {} for system in systems.values()]
    for key in ("name", "role"):
        if key in listed and find_table(listed["table"], reach) is not None:
            yield from _check_column(written, (*spot, key), (listed["table"], listed[key]), reach)
    if find_table(listed["table"], reach) is None:
        what = f"the table `{shown(listed['table'])}` is not in the map."
        names = [name for tables in reach for name in tables]
        yield written.problem((*spot, "table"), what, meant(listed["table"], names))


def _check_network(written: Written, spot: Spot, text: str) -> Iterator[Problem]:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        what = f"`{shown(text)}` is not an address or a network."
        yield written.problem(spot, what, f"write an address or a network in CIDR form{_nearest(text)}.")


def _nearest(text: str) -> str:
    try:
        return f", here `{ipaddress.ip_network(text, strict=False)}`"
    except ValueError:
        return ", such as `192.0.2.7` or `192.0.2.0/24`"


def _check_source(
    written: Written, spot: Spot, source: Mapping[str, Any], systems: Mapping[str, Any]
) -> Iterator[Problem]:
    yield from _check_system(written, spot, source, systems)
    yield from _check_zone(written, (*spot, "zone"), source)
    path = PurePosixPath(source["files"])
    if path.is_absolute() or ".." in path.parts:
        what = "the pattern leads out of the evidence folder."
        fix = "write the path below the evidence folder, such as `nginx/access.log*`."
        yield written.problem((*spot, "files"), what, fix)
    for name in source.get("fields") or {}:
        if name not in EVENT_FIELDS:
            what = f"`{shown(name)}` is not a field of events."
            yield written.problem((*spot, "fields", name), what, meant(name, EVENT_FIELDS, limit=40))
