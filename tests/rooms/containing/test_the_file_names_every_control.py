"""What the guide writes into server.yaml is read as it says; what is wrong is refused with its line."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from ashiato.outside.controls.targets import ControlError, TargetKind, checked_target
from ashiato.rooms.containing import api
from ashiato.rooms.containing.configured import _MAKERS, means_of
from ashiato.terms.alarms import Actor, ActorKind
from ashiato.terms.errors import ServerError
from ashiato.web.configuration import read_configuration
from tests.house.source import ROOT

_GUIDE = (ROOT / "docs" / "guides" / "containment.md").read_text("utf-8")


def _written(folder: Path, text: str) -> api.Means:
    (folder / "server.yaml").write_text(text)
    return means_of(read_configuration(folder).said["containment"], folder)


def _of_guide() -> str:
    found = re.search(r"```yaml\n(containment:.*?)```", _GUIDE, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_guides_own_file_is_read(tmp_path: Path) -> None:
    means = _written(tmp_path, _of_guide())
    policy = means.policy
    assert (policy.automatic_reach, policy.most_reach, policy.lasts) == (5, 5000, timedelta(hours=1))
    assert policy.never[TargetKind.ACCOUNT] == {"monitoring"}
    chosen = {
        (kind, system): getattr(means.control_for(checked_target(system, kind, value)), "name", None)
        for kind, value in [("address", "203.0.113.7"), ("session", "s"), ("route", "/a"), ("account", "a")]
        for system in ("shop", "other")
    }
    assert chosen == {
        ("address", "shop"): "host", ("address", "other"): "host", ("session", "shop"): "sessions",
        ("session", "other"): None, ("route", "shop"): "closed", ("route", "other"): "closed",
        ("account", "shop"): "accounts", ("account", "other"): None,
    }  # fmt: skip
    named = means.control_for(checked_target("shop", "address", "203.0.113.7"), "slow")
    assert named is not None
    assert named.name == "slow"


def test_every_control_that_a_file_may_name_is_in_the_guides_table() -> None:

    assert [name for name in _MAKERS if f"| `{name}` |" not in _GUIDE] == []


@pytest.mark.parametrize(
    "text",
    [
        "containment: {}\n",
        "containment: {controls: {}}\n",
        "containment: {controls: {host: {kind: iptables}}}\n",
        "containment: {controls: {host: {kind: nftables, netns: '-n; reboot'}}}\n",
        "containment: {controls: {site: {kind: nginx-deny}}}\n",
        "containment: {policy: {automatic_reach: -1}, controls: {host: {kind: nftables}}}\n",
        "containment: {policy: {never: {networks: [everybody]}}, controls: {host: {kind: nftables}}}\n",
        "containment: {controls: {site: {kind: nginx-deny, file: a, trial: 'http://192.0.2.1:80'}}}\n",
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ServerError) as refused:
        _written(tmp_path, text)
    assert refused.value.fix


def test_an_actor_of_an_alarm_is_a_target_of_its_kind() -> None:
    wish = api.wish_of(Actor("shop", ActorKind.ADDRESS, "2001:DB8::7"), 3)
    assert (wish.target.value, wish.reach) == ("2001:db8::7", 3)
    assert {kind.value for kind in ActorKind} <= {kind.value for kind in TargetKind}
    with pytest.raises(ControlError):
        api.wish_of(Actor("shop", ActorKind.ADDRESS, "203.0.113.7; reboot"), 3)
