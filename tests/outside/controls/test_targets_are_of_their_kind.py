"""Whatever a log says, a control is given a value of its kind in its one form, or nothing."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.outside.controls.targets import ControlError, TargetKind, checked_target

HOSTILE = [
    "203.0.113.7; drop table", "203.0.113.7 }\nflush ruleset", "203.0.113.7/0", "0.0.0.0/32", "::",
    "::1%eth0",
    "224.0.0.1", "$(reboot)", "127.1", "010.0.0.1", "", " 203.0.113.7", "203.0.113.7\n", "::ffff:0.0.0.0",
]  # fmt: skip


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("kind", ["address", "network", "host"])
def test_what_is_no_address_is_refused(kind: str, value: str) -> None:
    with pytest.raises(ControlError) as refused:
        checked_target("site", kind, value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("value", ["0.0.0.0/0", "::/0", "203.0.113.7/24", "10.0.0.0/33"])
def test_everybody_is_no_network(value: str) -> None:
    with pytest.raises(ControlError):
        checked_target("site", "network", value)


@pytest.mark.parametrize("value", ["a b", "a\0", "a\n", "é", "", "a" * 257])
@pytest.mark.parametrize("kind", ["session", "account", "database-role", "api-key", "peer"])
def test_identifiers_are_visible_ascii(kind: str, value: str) -> None:
    with pytest.raises(ControlError):
        checked_target("site", kind, value)


@pytest.mark.parametrize("value", ["api", "/a b", '/a"', "/a;", "/a{1}", "/$uri", "/a\\", "/a?b=1", "/a\n"])
def test_routes_hold_nothing_that_a_configuration_reads(value: str) -> None:
    with pytest.raises(ControlError):
        checked_target("site", "route", value)


def test_one_address_has_one_form() -> None:
    forms = ["2001:DB8::7", "2001:db8:0:0:0:0:0:7"]
    assert {checked_target("site", "address", form).value for form in forms} == {"2001:db8::7"}
    assert checked_target("site", "address", "::ffff:203.0.113.7").value == "203.0.113.7"


@given(kind=st.sampled_from(list(TargetKind)), value=st.text(max_size=40))
def test_any_text_is_of_its_kind_or_refused(kind: TargetKind, value: str) -> None:
    try:
        target = checked_target("site", kind, value)
    except ControlError:
        return
    assert target.value.isascii()
    assert not set(target.value) & set(" \t\r\n\0")
    if kind in {TargetKind.ADDRESS, TargetKind.HOST}:
        assert str(ip_address(target.value)) == target.value
    if kind == TargetKind.NETWORK:
        assert ip_network(target.value).prefixlen > 0
