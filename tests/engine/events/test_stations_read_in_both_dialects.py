"""Every station of joining reads in the cluster engine's dialect too."""

from __future__ import annotations

import pytest
import sqlglot

from ashiato.engine.events import (
    actors,
    assembly,
    candidates,
    causes,
    clocks,
    contradictions,
    entries,
    holes,
    members,
    requests,
    routes,
    sources,
    statements,
    windows,
)
from ashiato.engine.store import Station
from tests.engine.events.scene import SECOND, START, LogBook, Said
from tests.engine.events.traffic import Shop, run_shop

MODULES = (
    actors, assembly, candidates, causes, clocks, contradictions, entries, holes, members, requests, routes,
    sources, statements, windows,
)  # fmt: skip
FOUND = [item for module in MODULES for item in vars(module).values() if isinstance(item, Station)]
STATIONS = sorted({station.name: station for station in FOUND}.values(), key=lambda station: station.name)
_RICH_ONLY = {"record_kind", "time_us", "line_first", "duration_us", "actor_session_uid"}


@pytest.mark.parametrize("station", STATIONS, ids=lambda station: station.name)
def test_every_station_reads_in_the_other_dialect(station: Station) -> None:
    text = sqlglot.transpile(station.sql, read="duckdb", write="spark")[0]
    assert sqlglot.parse_one(text, read="spark")
    assert station.notyet is None


def joined_estate() -> list[LogBook]:
    shop = run_shop(Shop(requests=120, skew_us=2 * SECOND))
    plain, app = LogBook("web/plain.log"), LogBook("app/auth.log")
    for record in shop.web.records:
        said: Said = {key: value for key, value in record.items() if key not in _RICH_ONLY}
        said["time_step_us"] = SECOND
        plain.tell("web-request", record["time_us"] - record["time_us"] % SECOND, **said)
    app.tell(
        "sign-in", START, actor_session_uid="s1005", actor_user_name="1005", status="success",
        src_endpoint_ip="198.51.100.5",
    )  # fmt: skip
    copy = LogBook("backup/postgresql.csv", shop.database.records, shop.database.lines)
    return [shop.web, plain, app, shop.database, copy]
