"""Every station of findings and intrusion is written in words that both engines mean alike."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlglot

from ashiato.engine.store import Station, Store
from tests.engine.site import DAY, HOUR, MIDNIGHT, SECOND, Site

NIGHT = MIDNIGHT + DAY + 2 * HOUR
# What only one engine knows, or what both know but do not mean alike.
_NOT_PORTABLE = re.compile(
    r"\b(?:PERCENTILE_CONT|QUANTILE\w*|QUALIFY|UNNEST|LIST_\w+|STRUCT_\w+|EPOCH\w*)\b", re.IGNORECASE
)


def attacked_site() -> Site:
    site = Site()
    site.customers(40)
    site.staff(3)
    site.noise(5)
    site.scan(NIGHT, "203.0.113.9", 120)
    site.guess(NIGHT + HOUR, "203.0.113.9", [f"leaked{n}" for n in range(30)], right="member1004")
    site.enumerate(NIGHT + 2 * HOUR, ["203.0.113.9"], range(1000, 1060), 5 * SECOND, account="member1004")
    site.inject(NIGHT, "203.0.113.77", 10)
    site.steal(NIGHT, "203.0.113.50", 20, 10, 3 * SECOND)
    site.dump(NIGHT, "203.0.113.80")
    return site


@pytest.mark.slow
def test_every_station_is_written_in_portable_sql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stations: list[Station] = []
    run = Store.run

    def noted(store: Store, station: Station) -> None:
        stations.append(station)
        run(store, station)

    monkeypatch.setattr(Store, "run", noted)
    attacked_site().investigate(tmp_path)
    assert len(stations) > 50
    for station in stations:
        assert not _NOT_PORTABLE.search(station.sql), station.name
        assert sqlglot.transpile(station.sql, read="duckdb", write="spark"), station.name
