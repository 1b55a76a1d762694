"""A walk is found whatever its client calls itself, and an office full of people is not taken for one."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from ashiato.datamap.model import Accounts, DataMap
from tests.engine.intrusion.walkers import (
    MANY_BROWSERS,
    OFFICE,
    POOL,
    WALKER,
    at_random,
    nameless,
    newcomers,
    office,
    peopled,
    walk,
)
from tests.engine.site import BROWSERS, DAY, HOUR, MIDNIGHT, MINUTE, Outcome, Site

SIXTY = range(2000, 2060)
TWO_HUNDRED = range(2000, 2200)
ROUTE_OF_ITS_OWN = {"route": "/profile?member={id}&lang=ja"}


def _opaque(key: object) -> str:
    return str(uuid.UUID(bytes=hashlib.md5(str(key).encode(), usedforsecurity=False).digest()))


def _opaque_site() -> Site:
    """Return a site whose records go by keys that say nothing."""
    site = nameless()
    for event in site.events:
        start, found, key = (event.get("http_request_target") or "").partition("/api/members/")
        if found:
            own, slash, rest = key.partition("/")
            event["http_request_target"] = event["http_request_path"] = (
                f"{start}{found}{_opaque(own)}{slash}{rest}"
            )
    return site


WALKS: dict[str, Callable[[], Site]] = {
    "changing-agents": lambda: walk(nameless(), SIXTY, agents=MANY_BROWSERS),
    "an-agent-for-each": lambda: walk(nameless(), SIXTY, agents=[f"client {n}" for n in range(60)]),
    "changing-agents-at-random": lambda: walk(nameless(), at_random(120), agents=MANY_BROWSERS),
    "changing-agents-slowly": lambda: walk(
        nameless(), SIXTY, agents=MANY_BROWSERS, every=40 * MINUTE, at=MIDNIGHT + HOUR
    ),
    "not-signed-in-among-members": lambda: walk(peopled(), SIXTY, agents=MANY_BROWSERS),
    "a-session-for-each": lambda: walk(peopled(), SIXTY, fresh=True),
    "one-client-slowly": lambda: walk(nameless(), SIXTY, every=35 * MINUTE, at=MIDNIGHT + HOUR),
    "one-client-at-random": lambda: walk(nameless(), at_random(60)),
    "keys-that-say-nothing": lambda: walk(_opaque_site(), [_opaque(n) for n in SIXTY]),
    "a-route-nobody-else-uses": lambda: walk(nameless(), SIXTY, **ROUTE_OF_ITS_OWN),  # type: ignore[arg-type]
    "many-addresses": lambda: walk(nameless(), TWO_HUNDRED, ips=POOL),
    "many-addresses-few-records": lambda: walk(nameless(), SIXTY, ips=POOL),
    "many-addresses-at-random": lambda: walk(nameless(), at_random(200), ips=POOL),
    "many-addresses-and-agents": lambda: walk(nameless(), TWO_HUNDRED, ips=POOL, agents=MANY_BROWSERS),
    "many-addresses-among-members": lambda: walk(peopled(), TWO_HUNDRED, ips=POOL),
    "one-session-many-addresses": lambda: walk(peopled(), SIXTY, ips=POOL, session="taken"),
}


def _assert_walk_found(outcome: Outcome) -> None:
    assert outcome.recall("walk") >= 0.98, outcome.findings
    assert outcome.precision >= 0.98
    assert outcome.techniques() == ["T1213"]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(WALKS))
def test_a_walk_is_one_path_whatever_it_changes(tmp_path: Path, name: str) -> None:
    _assert_walk_found(WALKS[name]().investigate(tmp_path))


@pytest.mark.slow
def test_a_walk_under_many_names_is_found(tmp_path: Path) -> None:
    outcome = walk(nameless(30), SIXTY, agents=MANY_BROWSERS).investigate(tmp_path)
    _assert_walk_found(outcome)
    assert "user-agents=20" in outcome.alarms()[0][3]


@pytest.mark.slow
def test_a_walk_among_an_office_leaves_the_office_out(tmp_path: Path) -> None:
    site = office(nameless(), at_random(80), (*MANY_BROWSERS, *BROWSERS))
    at = MIDNIGHT + DAY + 11 * HOUR
    outcome = walk(site, SIXTY, ips=(OFFICE,), agents=MANY_BROWSERS, at=at).investigate(tmp_path)
    assert outcome.recall("walk") >= 0.98
    assert outcome.precision >= 0.98


@pytest.mark.slow
@pytest.mark.parametrize("signed", [True, False], ids=["with-bodies-of-members", "of-nobody"])
def test_a_walk_in_bodies_is_read_from_statements(tmp_path: Path, signed: bool) -> None:
    site = peopled() if signed else nameless()
    who = {"method": "POST", "route": "/graphql"}
    for number in at_random(150, 150):
        at = MIDNIGHT + int(site.chance.integers(2 * DAY))
        said = {"session": f"own{number}", "account": f"member{1000 + number}"} if signed else {}
        query = f"SELECT * FROM members WHERE id = '{1000 + number}'"
        site.request(at, "honest", f"10.77.{number}.1", "/graphql", method="POST", query=query, **said)
    if signed:
        said = {"session": "thief", "account": "member9999"}
        outcome = walk(site, at_random(60), **who, **said).investigate(tmp_path)  # type: ignore[arg-type]
    else:
        outcome = walk(site, SIXTY, **who).investigate(tmp_path)  # type: ignore[arg-type]
    _assert_walk_found(outcome)


HONEST_PEOPLE: dict[str, Callable[[], Site]] = {
    "an-office-of-any-numbers": lambda: office(nameless(), at_random(200), MANY_BROWSERS),
    "an-office-numbered-in-a-row": lambda: office(nameless(), range(7000, 7090), MANY_BROWSERS),
    "an-office-with-one-browser": lambda: office(nameless(), range(7000, 7090), BROWSERS[:1]),
    "an-office-with-sessions": lambda: office(peopled(auth=False), range(7000, 7090), BROWSERS[:1]),
    "people-given-the-next-number": lambda: newcomers(nameless()),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(HONEST_PEOPLE))
def test_many_honest_people_are_no_walk(tmp_path: Path, name: str) -> None:
    outcome = HONEST_PEOPLE[name]().investigate(tmp_path)
    assert outcome.hostile == {}


@pytest.mark.slow
def test_an_office_behind_one_address_is_honest(tmp_path: Path) -> None:
    site = office(nameless(20), range(7000, 7060), BROWSERS[:1], days=1)
    assert site.investigate(tmp_path).hostile == {}


@pytest.mark.slow
def test_a_machine_the_map_names_is_honest(tmp_path: Path) -> None:
    site = walk(nameless(20), SIXTY)
    known = DataMap(accounts=Accounts(machines=(WALKER,)))
    assert site.investigate(tmp_path, known).hostile == {}
