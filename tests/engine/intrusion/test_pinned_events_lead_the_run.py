"""Events an analyst pinned lead the intrusion: with their visit, their reason, and nobody lost on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from ashiato.engine.pins import HONEST, HOSTILE, PINS_FILE, Pin, read_pins
from ashiato.terms.errors import CaseError
from tests.engine.site import DAY, HOUR, MIDNIGHT, SECOND, Outcome, Site

pytestmark = pytest.mark.slow
NIGHT = MIDNIGHT + DAY + 2 * HOUR
THIEF = "203.0.113.9"


def _site() -> Site:
    site = Site()
    site.customers(12)
    site.inject(NIGHT, THIEF, 10)
    site.request(NIGHT + 9 * HOUR, "quiet", "198.51.100.3", "/home", agent="Quiet/1")
    site.request(NIGHT + 9 * HOUR + SECOND, "quiet", "198.51.100.3", "/home?next=1", agent="Quiet/1")
    return site


def _pin(line: int, verdict: str, because: str = "I was told, (so)") -> Pin:
    return Pin(f"log:{line}", "log", line, line, verdict, because, "Aoi")


def _events(outcome: Outcome, label: str) -> list[int]:
    return [event for event, told in outcome.labels.items() if told == label]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """What comes of the site when nobody said anything."""
    return _site().investigate(tmp_path_factory.mktemp("plain"))


def test_a_pinned_event_brings_its_visit(plain: Outcome, tmp_path: Path) -> None:
    quiet = _events(plain, "quiet")
    assert not set(quiet) & plain.hostile.keys()
    told = _site().investigate(tmp_path, pins=[_pin(quiet[0], HOSTILE)])
    assert told.hostile.keys() == plain.hostile.keys() | set(quiet)
    assert told.reasons[quiet[0]] == "pinned(by=Aoi,because=I was told_ _so_)"
    assert told.reasons[quiet[1]].startswith("same-visit(rule=pinned-by-analyst")


def test_what_falls_with_an_honest_pin_is_excluded(plain: Outcome, tmp_path: Path) -> None:
    pins = [_pin(event, HONEST, "our own test") for event in _events(plain, "inject")]
    told = _site().investigate(tmp_path, pins=pins)
    assert told.hostile == {}
    assert told.excluded.keys() == plain.hostile.keys()
    assert set(told.excluded.values()) == {"our own test"}


def test_one_honest_event_leaves_the_others(plain: Outcome, tmp_path: Path) -> None:
    event = _events(plain, "inject")[3]
    told = _site().investigate(tmp_path, pins=[_pin(event, HONEST)])
    assert event in told.excluded
    assert told.hostile.keys() | told.excluded.keys() == plain.hostile.keys()
    assert len(told.hostile) > len(told.excluded)


def test_the_newest_word_on_an_event_counts(plain: Outcome, tmp_path: Path) -> None:
    event = _events(plain, "inject")[0]
    told = _site().investigate(tmp_path, pins=[_pin(event, HONEST), _pin(event, HOSTILE)])
    assert told.excluded == {}
    assert told.hostile.keys() == plain.hostile.keys()


def test_a_pin_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / PINS_FILE).write_text("{}\n")
    with pytest.raises(CaseError, match=r"pins\.jsonl:1: this is no pin"):
        read_pins(tmp_path)
