"""With parts of its evidence gone, the pet insurer's answer is wider and nobody reached is lost."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.journeys.ablations import PARTS, investigate_without
from tests.journeys.pet_insurer import Journey
from tests.journeys.scoring import SURE

pytestmark = pytest.mark.slow

#: The reason that stands against what the missing part would have settled.
_REASONS = {
    "without_database_log": "web-only",
    "without_two_hours_of_web_log": "gap",
    "without_values": "bind-missing",
}
_ORDER = ("not reached", "not shown", "possible", "probable", "confirmed")


@pytest.fixture(scope="module", params=PARTS)
def part(request: pytest.FixtureRequest) -> str:
    """Name the part of the evidence that is taken away."""
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def folder(part: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the investigation without a part is kept."""
    return tmp_path_factory.mktemp(part)


@pytest.fixture(scope="module")
def journey(corpus: Path, part: str, folder: Path) -> Journey:
    """One investigation without a part of the evidence."""
    made = investigate_without(part, corpus / "pet-insurer", folder)
    print(f"\n== pet-insurer {part}", *made.lines(), sep="\n")  # noqa: T201
    return made


def test_nobody_who_was_reached_is_lost(journey: Journey) -> None:
    assert len(journey.truth.owners) == 7421
    assert journey.missed == []


def test_what_is_confirmed_was_reached(journey: Journey) -> None:
    confirmed = journey.answer.graded(frozenset({"confirmed"}))
    assert confirmed
    assert len(confirmed & journey.truth.every_pair) >= 0.999 * len(confirmed)


def test_grades_of_what_was_reached_fall(journey: Journey, insurer: Journey) -> None:
    reached = insurer.truth.every_pair
    before, after = insurer.answer.graded(SURE) & reached, journey.answer.graded(SURE) & reached
    assert len(after) < len(before)
    spared = sum(_rank(journey, pair) > _rank(insurer, pair) for pair in reached)
    assert spared <= 0.01 * len(reached)


def test_the_missing_part_is_named_as_the_reason(journey: Journey, part: str, folder: Path) -> None:
    assert journey.answer.grades
    with (folder / "answer" / "persons.csv").open(encoding="utf-8-sig", newline="") as file:
        reasons = {
            reason.partition("(")[0] for row in csv.DictReader(file) for reason in row["reasons"].split(";")
        }
    assert _REASONS[part] in reasons


def test_nobody_is_said_to_be_not_reached(journey: Journey) -> None:
    assert "not reached" not in journey.answer.grades.values()


def _rank(journey: Journey, pair: tuple[str, str]) -> int:
    return _ORDER.index(journey.answer.pairs.get(pair, "not shown"))
