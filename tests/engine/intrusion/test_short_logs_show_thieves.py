"""A log of a few minutes shows nobody's past; thieves show by what no hand does, honest people do not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashiato.datamap.model import Accounts, DataMap
from tests.engine.site import BROWSERS, HONEST, HOUR, MIDNIGHT, SECOND, Outcome, Site

NOON = MIDNIGHT + 12 * HOUR
OFFICE, STRANGE = "192.0.2.20", "203.0.113.50"
MAPPED = DataMap(accounts=Accounts(offices=("192.0.2.16/28",), staff_roles={"staff1": "clerk"}))


def _minutes(customers: int = 12, *, lent: bool = False) -> Site:
    """Return a site of which the log holds a few minutes: customers, and one clerk with one caller."""
    site = Site(lent=lent)
    for number in range(customers):
        at, ip = NOON + number * 5 * SECOND, f"10.30.{number}.9"
        site._customer_visit(at, ip, BROWSERS[number % 4], 1000 + number)
    said = {"session": site.sign_in(NOON, HONEST, OFFICE, "staff2", role="staff"), "account": "staff2"}
    site.read(NOON + 9 * SECOND, HONEST, OFFICE, f"{site.names.staff_list}?q=abe&page=1", **said)
    site.read(NOON + 20 * SECOND, HONEST, OFFICE, site.names.staff_record.format(id=1007), **said)
    return site


def _lists(site: Site, label: str, ip: str, count: int, every: int) -> Site:
    """Let a staff account ask for one list after another, and open nobody."""
    said = {"session": site.sign_in(NOON, label, ip, "staff1", role="staff"), "account": "staff1"}
    for step in range(count):
        word = chr(97 + step // 26) + chr(97 + step % 26)
        target = f"{site.names.staff_list}?q={word}&page=1"
        site.read(NOON + SECOND + step * every, label, ip, target, **said)
    return site


def _takes_files(site: Site, label: str, account: str, ip: str) -> None:
    for step in range(3):
        said = {"session": f"token-{account}", "account": account, "size": 400_000, "method": "POST"}
        site.request(NOON + step * SECOND, label, ip, "/api/members/batch", **said)


def _assert_found(outcome: Outcome, label: str) -> None:
    assert outcome.recall(label) >= 0.98, outcome.findings
    assert outcome.precision == 1.0, outcome.findings


@pytest.mark.slow
@pytest.mark.parametrize(
    ("datamap", "count", "every"),
    [(MAPPED, 40, SECOND // 5), (None, 40, SECOND // 5), (MAPPED, 12, 5 * SECOND)],
    ids=["by-script", "by-script-without-a-map", "by-hand"],
)
def test_lists_asked_for_from_outside_the_office_are_found(
    tmp_path: Path, datamap: DataMap | None, count: int, every: int
) -> None:
    site = _lists(_minutes(), "steal", STRANGE, count, every)
    _assert_found(site.investigate(tmp_path, datamap), "steal")


@pytest.mark.slow
def test_thief_is_measured_by_the_account_although_its_sign_in_names_it_otherwise(tmp_path: Path) -> None:
    """The clock of the sign-ins is off, so that the request of the password is nobody's by name."""
    site = _lists(_minutes(), "steal", STRANGE, 12, 5 * SECOND)
    for event in site.events:
        if event["event_kind"] == "auth":
            event["start_us"] -= 40 * SECOND
        elif event.get("actor_user_name"):
            event["actor_user_name"] = f"member:{event['actor_user_name']}"
    _assert_found(site.investigate(tmp_path, MAPPED), "steal")


@pytest.mark.slow
def test_clerk_who_looks_through_lists_in_the_office_is_honest(tmp_path: Path) -> None:
    outcome = _lists(_minutes(), HONEST, OFFICE, 12, 5 * SECOND).investigate(tmp_path, MAPPED)
    assert outcome.hostile == {}


def _colleagues(site: Site, opened: int) -> Site:
    """Let three more of the staff ask for six lists each in the office, and open so many of those listed."""
    for number in range(3, 6):
        at, account = NOON + number * 11 * SECOND, f"staff{number}"
        said = {"session": site.sign_in(at, HONEST, OFFICE, account, role="staff"), "account": account}
        for step in range(6):
            at += 20 * SECOND
            word = chr(100 + number) + chr(107 + step)
            site.read(at, HONEST, OFFICE, f"{site.names.staff_list}?q={word}&page=1", **said)
            if step < opened:
                record = site.names.staff_record.format(id=1000 + 7 * number + step)
                site.read(at + 9 * SECOND, HONEST, OFFICE, record, **said)
    return site


#: No office is named, and the thief's role is hardly anybody's: colleagues are all of the staff.
ROLES = {f"staff{n}": "clerk" if n < 3 else "manager" for n in range(1, 6)}
STAFF = DataMap(accounts=Accounts(staff_roles=ROLES))


@pytest.mark.slow
def test_lists_by_hand_are_found_where_every_colleague_opens_people_in_one_place(tmp_path: Path) -> None:
    site = _lists(_colleagues(_minutes(), opened=4), "steal", STRANGE, 12, 5 * SECOND)
    _assert_found(site.investigate(tmp_path, STAFF), "steal")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("opened", "ip"), [(0, STRANGE), (4, OFFICE)], ids=["as-colleagues-do", "at-the-place-of-colleagues"]
)
def test_lists_by_hand_are_honest_elsewhere(tmp_path: Path, opened: int, ip: str) -> None:
    site = _lists(_colleagues(_minutes(), opened), HONEST, ip, 12, 5 * SECOND)
    assert site.investigate(tmp_path, STAFF).hostile == {}


@pytest.mark.slow
def test_whole_files_that_one_account_takes_are_found(tmp_path: Path) -> None:
    site = _minutes()
    _takes_files(site, "steal", "partner2", STRANGE)
    _assert_found(site.investigate(tmp_path), "steal")


@pytest.mark.slow
def test_files_that_four_accounts_take_alike_are_honest(tmp_path: Path) -> None:
    site = _minutes()
    for number in range(4):
        _takes_files(site, HONEST, f"partner{number}", f"10.77.{number}.1")
    assert site.investigate(tmp_path).hostile == {}


@pytest.mark.slow
def test_sessions_that_share_a_walk_outnumber_honest_people_and_are_found(tmp_path: Path) -> None:
    site = _minutes()
    for thief in range(40):
        ids = list(range(2000 + thief, 2400, 40))
        ip, account = f"203.0.{thief}.7", f"member{3000 + thief}"
        site.enumerate(NOON + thief * SECOND, [ip], ids, 10 * SECOND, account=account)
    _assert_found(site.investigate(tmp_path), "enumerate")


@pytest.mark.slow
def test_copy_that_was_guessed_is_found(tmp_path: Path) -> None:
    site = _minutes()
    for step, name in enumerate(("backup.zip", "db.sql", "site.bak", "old.tar.gz", "old/members.csv.gz")):
        said = {"status": 200 if "members" in name else 404, "size": 85_000, "agent": "curl/8.5"}
        site.request(NOON + step * SECOND, "copy", STRANGE, f"/{name}", **said)
    outcome = site.investigate(tmp_path)
    _assert_found(outcome, "copy")
    # By what was there, not by what was guessed.
    titles = [title for _, _, _, title, _ in outcome.paths]
    assert titles == [f"Whole data fetched at /old/members.csv.gz from {STRANGE}"]


@pytest.mark.slow
def test_honest_people_of_the_guessers_browser_stay_out(tmp_path: Path) -> None:
    """A browser that half the site has is no tool: whoever came right with it at once is its owner."""
    site = _minutes()
    for thief in range(10):
        for tries in range(30):
            at, said = NOON + tries * 3 * SECOND, {"agent": BROWSERS[0], "tool": True, "ok": False}
            site.sign_in(at, "guess", f"203.0.113.{thief}", f"leaked{30 * thief + tries}", **said)
    _assert_found(site.investigate(tmp_path), "guess")


@pytest.mark.slow
@pytest.mark.parametrize("datamap", [MAPPED, None], ids=["by-script", "by-script-without-a-map"])
def test_thieves_are_found_where_only_the_sign_in_tells_a_session(
    tmp_path: Path, datamap: DataMap | None
) -> None:
    site = _lists(_minutes(lent=True), "steal", STRANGE, 40, SECOND // 5)
    site.enumerate(NOON, ["203.0.113.7"], range(2000, 2040), SECOND, account="member3001")
    outcome = site.investigate(tmp_path, datamap)
    for label in ("steal", "enumerate"):
        assert outcome.recall(label) >= 0.98, outcome.findings
    assert outcome.precision == 1.0, outcome.findings


@pytest.mark.slow
def test_many_hands_behind_one_address_are_no_fast_hand(tmp_path: Path) -> None:
    """Forty people of one browser and address, each at a human pace, are together faster than any hand."""
    site = _minutes(lent=True)
    for person in range(40):
        account, at = f"member{4000 + person}", NOON + person * SECOND
        site.sign_in(at, HONEST, "10.99.0.1", account)
        for step in range(3):
            target = f"/orders?of={account}&page={step + 1}"
            site.request(at + (step + 1) * 9 * SECOND, HONEST, "10.99.0.1", target)
    assert site.investigate(tmp_path).hostile == {}


@pytest.mark.slow
@pytest.mark.parametrize("found", [1.0, 0.0], ids=["one-after-the-other", "here-and-there"])
def test_statements_that_count_up_are_found_in_minutes(tmp_path: Path, found: float) -> None:
    """Of a log of minutes that is the database's alone, nothing but the order of the numbers tells."""
    site = Site()
    for number in range(60):
        asked = 1000 + number if found else 1000 + number * 7919 % 3001
        site.read(NOON + number * SECOND, "count", STRANGE, f"/api/members/{asked}")
    for number in range(10):
        asked = 5000 + number * 389 % 1999
        site.read(NOON + number * 6 * SECOND + 1, HONEST, "10.30.0.9", f"/api/members/{asked}")
    site.events = [event for event in site.events if event["event_kind"] == "sql"]
    site.causes = []
    outcome = site.investigate(tmp_path)
    assert 0.98 * found <= outcome.recall("count") <= found
    # Who shares a connection that mostly counts is not told apart from it.
    assert outcome.precision >= 0.8
