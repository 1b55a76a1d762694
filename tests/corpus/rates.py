"""Counts of cases: what a set expects against what the columns say, and what is declared out of reach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

LEAST_RATE = 0.97


@dataclass
class Rate:
    """How many cases of one set hold; a case is one expected record.

    ``gaps``: cases out of reach, by reason; they are declared by a rule of the set's own and are no cases
    within the formats.
    """

    name: str
    held: int = 0
    missed: list[str] = field(default_factory=list)
    gaps: Counter[str] = field(default_factory=Counter)

    def count(self, label: str, expected: Mapping[str, object], told: Mapping[str, object] | None) -> None:
        """Count one case: held when each expected value is told."""
        wrong = {
            name: (value, None if told is None else told.get(name))
            for name, value in expected.items()
            if told is None or told.get(name) != value
        }
        if wrong:
            self.missed.append(f"{label}: {wrong}")
        else:
            self.held += 1

    def close(self) -> None:
        """Print the rate and hold it against the least one."""
        cases = self.held + len(self.missed)
        gaps = "; ".join(f"{count} {reason}" for reason, count in sorted(self.gaps.items())) or "none"
        print(f"{self.name}: held {self.held} of {cases} cases within our formats; declared gaps: {gaps}")  # noqa: T201 - one rate per set
        assert cases, f"{self.name}: no case at all"
        shown = "\n".join(self.missed[:40])
        assert self.held >= LEAST_RATE * cases, f"{self.name}: {len(self.missed)} of {cases} missed\n{shown}"
