"""nftables in a network namespace, tried by real connections over a cable from the blocked addresses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address

import pytest

from ashiato.outside.controls import deeds
from ashiato.outside.controls.deeds import Standing
from ashiato.outside.controls.nftables import Nftables
from ashiato.outside.controls.targets import ControlError, Target, checked_target
from tests.outside.controls.laws import hold_for, now
from tests.outside.controls.namespaces import Cable, cable

pytestmark = pytest.mark.slow
BAD, OTHER = "203.0.113.7", "198.51.100.9"


@pytest.fixture(scope="module")
def laid() -> Iterator[Cable]:
    with cable(BAD, OTHER) as made:
        yield made


def _address(value: str) -> Target:
    return checked_target("site", "address", value)


def _network(value: str) -> Target:
    return checked_target("site", "network", value)


@pytest.mark.parametrize("target", [_address(BAD), _network("203.0.113.0/24")], ids=["address", "network"])
def test_an_address_is_stopped_alone_and_comes_back(laid: Cable, target: Target) -> None:
    before = laid.rules()
    further = [target, _address("2001:db8::7"), _network("2001:db8:1::/48")]
    hold_for(Nftables(netns=laid.host), further, lambda: laid.gets_in(BAD))
    assert laid.gets_in(OTHER)
    assert laid.rules() == before


def test_the_kernel_lets_go_by_itself(laid: Cable) -> None:
    control, targets = Nftables(netns=laid.host), [_address(BAD)]
    changes = deeds.dry_run(control, targets, now() + timedelta(seconds=2))
    deeds.apply(control, changes, now())
    assert not laid.gets_in(BAD)
    until = now() + timedelta(seconds=10)
    while not laid.gets_in(BAD):
        assert now() < until
    assert [each.standing for each in deeds.observe(control, changes)] == [Standing.OPEN]
    deeds.undo(control, changes, now())
    assert "ashiato" not in laid.rules()


def test_a_longer_time_before_is_kept_and_given_back(laid: Cable) -> None:
    control, targets = Nftables(netns=laid.host), [_address(BAD)]
    first = deeds.dry_run(control, targets, now() + timedelta(hours=2))
    deeds.apply(control, first, now())
    second = deeds.dry_run(control, targets, now() + timedelta(hours=1))
    assert second[0].after == second[0].before
    deeds.apply(control, second, now())
    assert [each.standing for each in deeds.undo(control, second, now())] == [Standing.OPEN]
    assert not laid.gets_in(BAD)
    deeds.undo(control, first, now())
    assert laid.gets_in(BAD)


def test_twenty_thousand_are_one_transaction(laid: Cable) -> None:
    control = Nftables(netns=laid.host)
    many = [_address(str(ip_address("10.0.0.0") + number)) for number in range(1, 20_001)]
    changes = deeds.dry_run(control, many, now() + timedelta(hours=1))
    assert {each.standing for each in deeds.apply(control, changes, now())} == {Standing.HELD}
    assert {each.is_blocked for each in deeds.verify(control, changes)} == {True}
    assert laid.gets_in(BAD)
    assert {each.standing for each in deeds.undo(control, changes, now())} == {Standing.OPEN}
    assert "ashiato" not in laid.rules()


def test_a_network_within_another_is_refused_by_name_and_nothing_changes(laid: Cable) -> None:
    control = Nftables(netns=laid.host)
    targets = [_network("203.0.113.0/24"), _network("203.0.113.0/25"), _address(OTHER)]
    changes = deeds.dry_run(control, targets, now() + timedelta(hours=1))
    with pytest.raises(ControlError, match="lies within"):
        deeds.apply(control, changes, now())
    assert laid.gets_in(OTHER)
    assert "ashiato" not in laid.rules()


def test_a_filter_that_cannot_be_asked_is_told(laid: Cable) -> None:
    with pytest.raises(ControlError, match="refuses"):
        Nftables(netns="ash-nowhere").observe([_address(BAD)])
    with pytest.raises(ControlError, match="within 0"):
        Nftables(netns=laid.host, seconds=0.0001).observe([_address(BAD)])
