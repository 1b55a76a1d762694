"""Nothing of the range listens anywhere but on loopback, and every client has an address of it."""

from __future__ import annotations

import re
from ipaddress import ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from range.errors import RangeError
from range.keeper import Wanted
from range.loopback import check_loopback, customer_address, intruder_addresses
from range.running import start


@pytest.mark.parametrize(
    "address",
    ["0.0.0.0", "::", "10.0.0.1", "128.0.0.1", "126.255.255.255", "localhost", "", "127.0.0.1; listen 80", "::ffff:10.0.0.1"],  # noqa: E501, S104
)  # fmt: skip
def test_any_other_address_is_refused_before_anything_starts(address: str, tmp_path: Path) -> None:
    folder = tmp_path / "range"
    with pytest.raises(RangeError, match=re.escape(repr(address))):
        start(Wanted(folder, address=address))
    assert not folder.exists()


@given(st.ip_addresses(v=4))
def test_an_address_is_taken_if_and_only_if_it_is_loopback(address: object) -> None:
    said = str(address)
    try:
        taken = check_loopback(said) == said
    except RangeError:
        taken = False
    assert taken == said.startswith("127.")


@given(st.integers(0, 10**12), st.integers(1, 4096), st.integers(0, 40))
def test_clients_have_loopback_addresses_that_are_nobody_elses(person: int, count: int, first: int) -> None:
    customer, intruders = customer_address(person), intruder_addresses(count, first)
    assert len(set(intruders)) == count
    assert customer not in intruders
    assert all(ip_address(each).is_loopback for each in [customer, *intruders])
    assert not {"127.0.0.1", "127.0.10.20"} & {customer, *intruders}
