from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.pet_insurer import MOST_BYTES, MOST_SECONDS, Journey, investigate

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def drafted(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Journey:
    """The journey with the draft as it comes."""
    journey = investigate(corpus / "pet-insurer", tmp_path_factory.mktemp("drafted"), None)
    print("\n== pet-insurer, draft, unedited", *journey.lines(), sep="\n")  # noqa: T201
    return journey


def test_shipped_map_meets_every_figure(insurer: Journey) -> None:
    assert len(insurer.figures) >= 20
    assert [str(figure) for figure in insurer.figures if not figure.holds] == []


def test_four_attacks_are_told_apart(insurer: Journey) -> None:
    assert set(insurer.truth.pairs) == {"a1", "a2", "a3", "a4"}
    assert insurer.walks.told_apart(insurer.truth.pairs), insurer.walks


def test_one_investigation_keeps_to_its_bounds(insurer: Journey) -> None:
    # Neighbours on the machine lengthen the wall time, so two processors' seconds are held to the bound.
    assert insurer.cost.processor < 2 * MOST_SECONDS
    assert insurer.cost.memory < MOST_BYTES


def test_draft_alone_misses_nobody(drafted: Journey) -> None:
    assert len(drafted.truth.owners) == 7421
    assert drafted.missed == []
    assert drafted.owners[0].holds
