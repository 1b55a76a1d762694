"""With parts of its evidence gone, the pet insurer's answer is wider and nobody reached is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.ablations import PARTS, investigate_without
from tests.journeys.pet_insurer import Journey

pytestmark = pytest.mark.slow

# Without any values every write may have touched every row: right, but many minutes of it.
_QUICKER = [part for part in PARTS if part != "without_values"]


@pytest.fixture(scope="module", params=_QUICKER)
def journey(
    corpus: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Journey:
    """One investigation without a part of the evidence."""
    part: str = request.param
    made = investigate_without(part, corpus / "pet-insurer", tmp_path_factory.mktemp(part))
    print(f"\n== pet-insurer {part}", *made.lines(), sep="\n")  # noqa: T201
    return made


def test_nobody_who_was_reached_is_lost(journey: Journey) -> None:
    assert len(journey.truth.owners) == 7421
    assert journey.missed == []


def test_what_is_confirmed_was_reached(journey: Journey) -> None:
    confirmed = journey.answer.graded(frozenset({"confirmed"}))
    assert confirmed
    assert len(confirmed & journey.truth.every_pair) >= 0.99 * len(confirmed)


def test_nobody_is_said_to_be_not_reached(journey: Journey) -> None:
    assert "not reached" not in journey.answer.grades.values()
