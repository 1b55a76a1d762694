"""Generated incidents: nobody reached is below possible, nobody confirmed was not reached.

``make prove`` plays ten thousand; here are enough to notice what a change broke.
"""

from __future__ import annotations

import pytest

from tests.proof.judging import Verdict
from tests.proof.known import EVERY, KNOWN
from tests.proof.proving import prove

QUICK, SLOW = range(2), range(10, 20)


def faults_of(verdict: Verdict) -> str:
    """Print each fault with the seed's number of its incident."""
    return "\n".join(f"{fault.rule} {fault.incident} {fault.what}" for fault in sorted(verdict.faults)[:20])


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
    verdict = prove(seed, 25, without=EVERY)
    assert not verdict.faults, faults_of(verdict)
    assert verdict.reached > 200
    assert verdict.precision("records") >= 0.999
    assert verdict.precision("fields") >= 0.999


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "seed"),
    [
        ("database-gap", 1000),
        pytest.param(
            "database-gap", 1003, marks=pytest.mark.xfail(strict=True, reason=KNOWN["database-gap"])
        ),
        ("web-gap", 1000),
        ("web-gap", 1003),
    ],
)
def test_nobody_is_lost_in_a_missing_stretch(name: str, seed: int) -> None:
    """Such an estate suffers from the one trouble that is not left out."""
    verdict = prove(seed, 6, without=EVERY - {name})
    assert not verdict.faults, faults_of(verdict)
