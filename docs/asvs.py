"""The table of OWASP ASVS: what of it is so here, made into a page from ``docs/asvs.yaml``."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_WRITTEN = Path(__file__).with_name("asvs.yaml")
STATES = {
    "held": "It is so; what shows it is named.",
    "partly": "So far as is said.",
    "operator": "Whoever runs the server has to see to it.",
    "absent": "There is nothing here that it could be about.",
    "open": "Not yet.",
}
#: Requirements of the first two levels in version 5.0.0.
LEVELS = {1: 70, 2: 183}


@dataclass(frozen=True)
class Requirement:
    """One requirement by its number; ``shown_by``: files, and tests in them (``file::test``)."""

    number: str
    level: int
    state: str
    says: str
    shown_by: tuple[str, ...]


def read_requirements() -> list[Requirement]:
    """Return what is written of each, in their order."""
    said: dict[str, dict[str, Any]] = yaml.safe_load(_WRITTEN.read_text(encoding="utf-8"))
    return [
        Requirement(number, one["level"], one["state"], one["says"], tuple(one.get("shown_by", ())))
        for number, one in said.items()
    ]


def render_asvs() -> str:
    """Render the page: how many stand how, then each."""
    found = read_requirements()
    counts = Counter(each.state for each in found)
    parts = [
        "# OWASP ASVS 5.0.0, levels 1 and 2\n",
        (
            "The [standard](https://github.com/OWASP/ASVS/tree/v5.0.0) numbers its requirements; what is so "
            f"here is in our own words. {LEVELS[1]} of level 1, {LEVELS[2]} of level 2.\n"
        ),
        "| state | requirements | |\n|---|---|---|",
        *(f"| {state} | {counts[state]} | {meaning} |" for state, meaning in STATES.items()),
        "",
        "| requirement | level | state | what is so | shown by |\n|---|---|---|---|---|",
        *(_row(each) for each in found),
        "",
    ]
    return "\n".join(parts)


def _row(one: Requirement) -> str:
    shown = "<br>".join(_link(each) for each in one.shown_by)
    return f"| {one.number} | {one.level} | {one.state} | {one.says} | {shown} |"


def _link(shown: str) -> str:
    file, _, test = shown.partition("::")
    return f"[{test or file}](../../{file})"
