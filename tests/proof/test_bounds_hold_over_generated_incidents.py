"""Generated incidents: nobody reached is below possible, nobody confirmed was not reached.

``make prove`` plays ten thousand; here are enough to notice what a change broke.
"""

from __future__ import annotations

import pytest

from tests.proof.estates import setting_of
from tests.proof.judging import Verdict
from tests.proof.known import EVERY
from tests.proof.proving import prove

QUICK, SLOW = range(1), (1, *range(10, 17))


def faults_of(verdict: Verdict) -> str:
    """Print each fault with the seed's number of its incident."""
    return "\n".join(f"{fault.rule} {fault.incident} {fault.what}" for fault in sorted(verdict.faults)[:20])


@pytest.mark.slow
@pytest.mark.parametrize("seed", QUICK)
def test_bounds_hold_over_a_few_incidents(seed: int) -> None:
    verdict = prove(seed, 8, without=EVERY)
    assert not verdict.faults, faults_of(verdict)
    assert verdict.reached > 50, "incidents in which nobody is reached prove nothing"
    assert verdict.precision("records") >= 0.999
    assert verdict.precision("fields") >= 0.999


@pytest.mark.slow
@pytest.mark.parametrize("seed", SLOW)
def test_bounds_hold_over_many_incidents(seed: int) -> None:
    verdict = prove(seed, 20, without=EVERY)
    assert not verdict.faults, faults_of(verdict)
    assert verdict.reached > 200
    assert verdict.precision("records") >= 0.999
    assert verdict.precision("fields") >= 0.999


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "seed"),
    [
        ("database-gap", 20005),
        ("database-gap", 20009),
        ("silent-writes", 15),
        ("silent-writes", 31),
        ("text-cut", 20002),
        ("text-cut", 20007),
        ("web-gap", 20010),
        ("web-gap", 20021),
        ("web-gap", 20025),
        ("web-gap", 20027),
    ],
)
def test_nobody_is_lost_where_a_log_lacks_something(name: str, seed: int) -> None:
    assert setting_of(seed, 10, EVERY).trouble == name
    verdict = prove(seed, 10, without=EVERY)
    assert not verdict.faults, faults_of(verdict)
