"""A client nobody signed in behind takes data by the file; honest programs that look like it do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ashiato.datamap.model import Accounts, DataMap
from tests.engine.site import BROWSERS, DAY, HONEST, HOUR, MIDNIGHT, SECOND, Site

NOON = MIDNIGHT + DAY + 12 * HOUR
THIEF, TOOL, ROUTE = "203.0.113.50", "member-sync/2.4", "/api/members/batch"


def _day(customers: int = 30) -> Site:
    """Return a site whose web log tells neither session nor account: sign-ins stand in a log of their own."""
    site = Site(lent=True)
    for number in range(customers):
        at, ip = NOON + number * 47 * SECOND, f"10.30.{number}.9"
        site._customer_visit(at, ip, BROWSERS[number % 4], 1000 + number)
    return site


def _haul(site: Site, label: str, ip: str = THIEF, at: int = NOON + HOUR // 5, **said: object) -> Site:
    """Take three answers of some hundreds of kilobytes, each of another size unless ``size`` is said."""
    for step in range(3):
        size = {"size": 300_000 + 1_111 * step}
        asked = {"method": "POST", "agent": TOOL, **size, **said}
        target = str(asked.pop("target", ROUTE))
        site.request(at + step * SECOND, label, ip, target, query="SELECT * FROM members", **asked)
    return site


@pytest.mark.slow
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_data_taken_by_the_file_with_a_key_no_log_tells_is_found(tmp_path: Path, method: str) -> None:
    outcome = _haul(_day(), "haul", method=method).investigate(tmp_path)
    assert outcome.recall("haul") == 1.0, outcome.findings
    assert outcome.precision == 1.0, outcome.findings
    assert [why for rule, _, _, why, _ in outcome.findings if rule == "data-nobody-else-is-given"] == [
        f"data-nobody-else-is-given(path={ROUTE},answers=3,of=3,bytes=903333,largest=302222)"
    ]


@pytest.mark.slow
def test_honest_hauls_stay_out(tmp_path: Path) -> None:
    """A partner of every day, a route four programs use, one fixed file, a film in pieces, the office."""
    site = _day()
    for day in range(2):
        _haul(site, HONEST, "198.51.100.4", MIDNIGHT + day * DAY + 3 * HOUR, target="/api/partner/members")
    for number in range(4):
        _haul(site, HONEST, f"198.51.100.{20 + number}", target="/api/stock")
    _haul(site, HONEST, "10.77.0.1", target="/terms.pdf", method="GET", size=800_000)
    _haul(site, HONEST, "10.77.0.2", target="/films/7", method="GET", status=206)
    _haul(site, HONEST, "192.0.2.20", target="/backoffice/export", method="GET")
    _haul(site, HONEST, "10.0.0.9", target="/api/mirror", agent="mirror/1")
    known = DataMap(accounts=Accounts(offices=("192.0.2.16/28",), machines=("mirror/1",)))
    assert site.investigate(tmp_path, known).hostile == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("customers", "said"),
    [(5, {}), (30, {"size": 99_999}), (30, {"status": 403})],
    ids=["where-hardly-anybody-signs-in", "of-pages", "refused"],
)
def test_less_than_the_floors_is_nothing(tmp_path: Path, customers: int, said: dict[str, Any]) -> None:
    assert _haul(_day(customers), HONEST, **said).investigate(tmp_path).hostile == {}


@pytest.mark.slow
def test_one_who_reads_pages_too_is_no_haul(tmp_path: Path) -> None:
    """An estimate printed after a form was filled in is heavy, and half of nothing."""
    site = _haul(_day(), HONEST, "10.77.0.3", target="/estimate", agent=BROWSERS[0])
    for step in range(4):
        site.request(NOON + step * 20 * SECOND, HONEST, "10.77.0.3", f"/shops?q={step}", agent=BROWSERS[0])
    assert site.investigate(tmp_path).hostile == {}
