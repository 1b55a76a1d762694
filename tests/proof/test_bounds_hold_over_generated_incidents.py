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
    "name",
    [
        pytest.param(name, marks=pytest.mark.xfail(strict=True, reason=KNOWN[name]))
        for name in ("database-gap", "web-gap")
    ],
)
def test_nobody_is_lost_in_a_missing_stretch(name: str) -> None:
    """Estate 1000 suffers from the one trouble that is not left out."""
    verdict = prove(1000, 6, without=EVERY - {name})
    assert not verdict.faults, faults_of(verdict)
