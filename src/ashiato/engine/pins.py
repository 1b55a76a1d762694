"""What an analyst decided of single lines of the evidence: the intruder's, or not; kept in the case."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from ashiato.engine.case import write_whole
from ashiato.terms.errors import CaseError, Place

PINS_FILE = "pins.jsonl"
HOSTILE, HONEST = "hostile", "honest"


@dataclass(frozen=True)
class Pin:
    """A decision on the lines ``line_first`` to ``line_last`` (as the tables count them) of one file.

    ``file`` is the file's label; ``place`` names the lines as the analyst wrote them.
    """

    place: str
    file: str
    line_first: int
    line_last: int
    verdict: str
    because: str
    analyst: str


def read_pins(case_folder: Path) -> tuple[Pin, ...]:
    """Return the case's pins in the order they were made; CaseError names a line that is none."""
    path = case_folder / PINS_FILE
    if not path.exists():
        return ()
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(_pin_of(line, number) for number, line in enumerate(lines, 1))


def _pin_of(line: str, number: int) -> Pin:
    try:
        pin = Pin(**json.loads(line))
    except (ValueError, TypeError) as error:
        where = Place(PINS_FILE, number)
        raise CaseError("this is no pin", where=where, fix="restore the file from a copy") from error
    return pin


def write_pins(case_folder: Path, pins: Iterable[Pin]) -> Path:
    """Keep these pins and no others; return the file."""
    path = case_folder / PINS_FILE
    write_whole(path, "".join(json.dumps(asdict(pin), sort_keys=True) + "\n" for pin in pins))
    return path
