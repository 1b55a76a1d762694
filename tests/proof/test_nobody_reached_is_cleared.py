"""Guarded estates: nobody reached comes out as not reached, whatever befalls the logs."""

from __future__ import annotations

import pytest

from tests.proof.guarding import Cleared, clear


def faults_of(found: Cleared) -> str:
    """Print each fault."""
    return "\n".join(f"{fault.rule} {fault.incident} {fault.what}" for fault in found.faults)


@pytest.mark.slow
def test_whole_logs_clear_some_and_nobody_reached() -> None:
    found = clear(2, 2, whole=True)
    assert found.proven == 1
    assert found.records > 0
    assert not found.faults, faults_of(found)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20, 28))
def test_whole_logs_clear_nobody_reached(seed: int) -> None:
    found = clear(seed, 6, whole=True)
    assert not found.faults, faults_of(found)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(300, 312))
def test_logs_that_lack_something_clear_nobody_reached(seed: int) -> None:
    """Lines taken out, ends cut off, clocks set otherwise, and the troubles of logs."""
    found = clear(seed, 3)
    assert not found.faults, faults_of(found)
