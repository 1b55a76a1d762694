"""How many different people an actor saw is what counts, never how many requests it made."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashiato.guard.spending import Asker, network_of, plain_address
from ashiato.outside.controls.targets import checked_target
from ashiato.terms.alarms import Actor, ActorKind, AlarmCode
from tests.guard.watched import Watched


@pytest.mark.parametrize(
    ("a_second", "askers", "most"), [(50, 2, 300), (5, 2, 300), (50, 50, 1000), (5, 50, 1000)]
)
@pytest.mark.parametrize("with_sessions", [True, False])
def test_enumeration_ends_while_few_are_out(
    tmp_path: Path, a_second: int, askers: int, most: int, with_sessions: bool
) -> None:
    """Whoever was told of is stopped; what goes out until nobody is left stays within the bound."""
    watched = Watched(tmp_path)
    out = 0
    with watched.guard() as guard:
        stopped: set[str] = set()
        for number in range(4 * most):
            asker = number % askers
            address, session = f"203.{asker}.113.7", f"session-{asker}"
            if address in stopped or session in stopped:
                continue
            watched.ask(f"/owners/{7919 * number % 5_100_000}", address, session if with_sessions else "-")
            watched.wait(1 / a_second)
            out += 1
            if number % 10 == 9:
                guard.step()
                stopped |= {actor.value for alarm in watched.told for actor in alarm.actors}
    assert len({value for value in stopped if value.startswith("203.")}) == askers
    assert out <= most


def test_who_sees_only_himself_is_never_told(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    with watched.guard():
        for number in range(600):
            session = f"s-{number % 200}"
            watched.ask(f"/owners/{number % 200}", f"198.51.100.{number % 50}", session)
            watched.ask(f"/pets?owner_id={number % 200}", f"198.51.100.{number % 50}", session)
            watched.ask("/pets", f"198.51.100.{number % 50}", session)
            watched.wait(2)
    assert watched.told == []


def test_requests_that_show_nobody_cost_nothing(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    with watched.guard():
        for number in range(300):
            watched.ask(f"/owners/{number}", "203.0.113.7", "s", status=404)
            watched.ask(f"/shops?q={number}", "203.0.113.7", "s", body_bytes=90_000)
            watched.ask("/owners/5", "203.0.113.7", "s")
    assert watched.told == []


def test_a_list_counts_what_its_reply_may_carry(tmp_path: Path) -> None:
    """Thirteen pages of fifty are 650 people, though few requests; the same page counts once."""
    watched = Watched(tmp_path, "replies: [{path: /admin/owners, people: 50}]\n")
    with watched.guard():
        for number in [*range(12), *range(12)]:
            watched.ask(f"/admin/owners?q={number}x", "203.0.113.7", "staff-1", body_bytes=12_000)
            watched.wait(2.1)
        assert watched.told == []
        watched.ask("/admin/owners?q=12x", "203.0.113.7", "staff-1", body_bytes=12_000)
    (alarm,) = watched.told
    assert alarm.rule == "people-budget/staff/session/minute"
    assert alarm.people_expected == 600
    assert alarm.people == 13 * 6, "what a reply of 12,000 bytes carried at least"


def test_lists_that_nobody_reads_cost_double(tmp_path: Path) -> None:
    watched = Watched(tmp_path, "replies: [{path: /admin/owners, people: 50}]\n")
    with watched.guard() as guard:
        pages = 0
        while not watched.told:
            watched.ask(f"/admin/owners?q={pages}x", "203.0.113.7", "staff-1", body_bytes=12_000)
            watched.wait(0.5)
            guard.step()
            pages += 1
    assert pages * 50 <= 350


def test_a_walk_by_equal_steps_costs_double(tmp_path: Path) -> None:
    spent = {}
    for name, keys in {"walk": range(100, 400, 3), "jumps": [pow(7, n, 10_007) for n in range(100)]}.items():
        folder = tmp_path / name
        folder.mkdir()
        watched = Watched(folder)
        with watched.guard():
            for key in keys:
                watched.ask(f"/owners/{key}", "203.0.113.7", "s-1")
        spent[name] = watched.told[0].people
    assert spent == {"walk": 8, "jumps": 11}


def test_one_touch_of_a_planted_person_is_told(tmp_path: Path) -> None:
    watched = Watched(tmp_path, "canaries: [{table: owners, key: 4711}]\n")
    with watched.guard():
        for _ in range(3):
            watched.ask("/pets?owner_id=04711", "203.0.113.7", "s-1")
        watched.ask("/owners/4711", "203.0.113.8", "s-2", status=403)
    (alarm,) = watched.told
    assert (alarm.code, alarm.rule) == (AlarmCode.CANARY, "canary/owners")
    assert alarm.lines == (f"{watched.log}:1",)


def test_work_taken_up_pays_for_a_look(tmp_path: Path) -> None:
    """Where routes of business reasons are named, staff who look without one have half as much."""
    watched = Watched(tmp_path, 'business_reasons: [{path: "/tickets/{id}", methods: [POST]}]\n')
    with watched.guard():
        watched.ask("/tickets/7", "10.0.0.1", "clerk", method="POST")
        for number in range(350):
            watched.ask(f"/admin/owners/{number * number}", "10.0.0.1", "clerk")
            watched.ask(f"/admin/owners/{number * number}", "10.0.0.2", "idle")
    assert {actor.value for alarm in watched.told for actor in alarm.actors} == {"idle", "10.0.0.2"}


def test_a_forged_header_or_name_frames_nobody(tmp_path: Path) -> None:
    """What a client writes into its request is a value of that request, whatever it looks like."""
    watched = Watched(tmp_path)
    honest = '198.51.100.9","sess":"honest'
    with watched.guard():
        for number in range(40):
            forged = f'/owners/{number}?x=","ip":"198.51.100.9\n{{"ip":"198.51.100.9"'
            watched.ask(forged, "203.0.113.7", "thief", http_x_forwarded_for=honest, ua=honest)
    named = {actor.value for alarm in watched.told for actor in alarm.actors}
    assert "thief" in named
    assert not any("198.51.100.9" in value for value in named)


def test_a_spread_attack_names_each_of_its_sessions_and_nobody_honest_beside_them(tmp_path: Path) -> None:
    """Thirty sessions of a network, each below its own budget; beside them customers who see themselves."""
    watched = Watched(tmp_path)
    thieves = [f"thief-{number}" for number in range(30)]
    with watched.guard():
        for turn in range(9):
            for number, name in enumerate(thieves):
                watched.ask(f"/owners/{turn * turn * 977 + number * 31}", f"203.0.113.{number}", name)
                watched.ask(f"/owners/{50_000 + number}", f"203.0.113.{100 + number}", f"honest-{number}")
            watched.wait(5)
    assert {alarm.rule.split("/")[2] for alarm in watched.told} == {"network", "everyone"}
    named = {
        actor.value for alarm in watched.told for actor in alarm.actors if actor.kind is ActorKind.SESSION
    }
    assert named == set(thieves)


def test_behind_one_address_those_who_see_themselves_are_not_named(tmp_path: Path) -> None:
    """A town behind one address, or a header that everybody's requests carry: nobody is framed by it."""
    watched = Watched(tmp_path)
    with watched.guard():
        for number in range(80):
            watched.ask(f"/owners/{number * 31}", "203.0.113.7", f"honest-{number}")
            if number % 10 == 0:
                watched.ask(f"/owners/{90_000 - number * number}", "203.0.113.7", "thief")
    (alarm,) = watched.told
    assert alarm.rule == "people-budget/owner/address/minute"
    assert {actor.value for actor in alarm.actors} == {"203.0.113.7", "thief"}


def test_separators_in_a_session_come_apart(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    with watched.guard():
        for number in range(20):
            watched.ask(f"/owners/{number * 31}", "203.0.113.7", 'a\x1f"]\x00[b')
    assert (ActorKind.SESSION, 'a\x1f"]\x00[b') in {(a.kind, a.value) for a in watched.told[0].actors}


@pytest.mark.parametrize(
    ("address", "asker", "network"),
    [
        ("203.0.113.7", "203.0.113.7", "203.0.113.0/24"),
        ("2001:db8:1:2:3::9", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("::ffff:203.0.113.7", "203.0.113.7", "203.0.113.0/24"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/48"),
        ("unix:", "unix:", ""),
        ("no address", "no address", ""),
    ],
)
def test_addresses_of_one_connection_are_one(address: str, asker: str, network: str) -> None:
    assert plain_address(address) == asker
    assert network_of(plain_address(address)) == network


def test_an_asker_by_ipv6_is_told_as_the_network_that_a_control_can_stop() -> None:
    asker = Asker("shop", "", "", plain_address("2001:db8:1:2:3::9"))
    (actor,) = asker.actors()
    assert actor == Actor("shop", ActorKind.NETWORK, "2001:db8:1:2::/64")
    assert checked_target("shop", actor.kind.value, actor.value).value == actor.value
