"""How what we know grew: the facts at each step, and since when a condition has held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ashiato.law.conditions import Condition, weigh
from ashiato.law.diary import Diary, values_of
from ashiato.law.values import FactValue, Moment
from ashiato.law.vocabulary import is_standing

Values = Mapping[str, FactValue]


@dataclass(frozen=True)
class Held:
    """Since when a condition holds: ``first`` ever, and ``current`` without a break; None: not known when."""

    first: Moment | None
    current: Moment | None


@dataclass(frozen=True)
class History:
    """Each moment at which we came to know something (None: not known when), with all facts from then on."""

    steps: tuple[tuple[Moment | None, Values], ...]

    @classmethod
    def of(cls, diary: Diary, as_of: datetime) -> History:
        """Return the steps of a diary until ``as_of``; what we are counts from the first step on."""
        moments = diary.steps(as_of)
        ours = {name: value for name, value in values_of(diary.standing(as_of)).items() if is_standing(name)}
        return cls(tuple((m, values_of(diary.standing(m.at if m else None)) | ours) for m in moments))

    @property
    def now(self) -> Values:
        """The facts of the last step."""
        return self.steps[-1][1] if self.steps else {}

    def held(self, condition: Condition, named: Mapping[str, Condition]) -> Held | None:
        """Return since when a condition holds, or None when it does not hold at the last step."""
        truths = [weigh(condition, values, named).truth is True for _, values in self.steps]
        if not truths or not truths[-1]:
            return None
        broken = max((n + 1 for n, truth in enumerate(truths) if not truth), default=0)
        return Held(self.steps[truths.index(True)][0], self.steps[broken][0])
