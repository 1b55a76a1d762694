"""Infers from the traffic itself which look of an answer said yes, and which said no.

For each way of asking, each look (status, size, duration) and each of its two readings is tried on the
questions; the right one makes the answers agree with one another, the wrong ones contradict.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ashiato.engine.exposures.transcripts.asking import Asked, Cell
from ashiato.engine.exposures.transcripts.solving import solve

_TRIED_CELLS = 300
#: A reading is believed while so small a share of the cells it decides speaks against it.
_CONTRADICTED = 0.2
#: So far from the middle between small and large, as a share of their distance, a measure tells nothing.
_BETWEEN = 0.2

#: Tells yes, no, or (None) no answer, of each asked question.
Look = Callable[[Asked], bool | None]


@dataclass(frozen=True)
class Oracle:
    """How answers are to be read: what of them is looked at, which look says yes, how well it fits."""

    looks_at: str
    says_yes: str
    read: Look
    decided: int
    contradicted: int


def infer_oracle(asked: Sequence[Asked]) -> Oracle | None:
    """Return the reading of the answers under which they agree best, or None when none makes sense."""
    cells = _cells_of(asked)
    best: Oracle | None = None
    for looks_at, says_yes, read in _looks(asked):
        decided = contradicted = 0
        for questions in cells:
            solved = solve([(q.met, answer) for q in questions if (answer := read(q)) is not None])
            contradicted += solved.conflicts > 0
            decided += solved.is_decided and not solved.conflicts
        found = Oracle(looks_at, says_yes, read, decided, contradicted)
        if (
            decided
            and contradicted <= decided * _CONTRADICTED
            and (best is None or _worth(found) > _worth(best))
        ):
            best = found
    return best


def _worth(oracle: Oracle) -> int:
    return oracle.decided - 2 * oracle.contradicted


def _cells_of(asked: Sequence[Asked]) -> list[list[Asked]]:
    cells: dict[Cell, list[Asked]] = {}
    for question in asked:
        if question.cell in cells or len(cells) < _TRIED_CELLS:
            cells.setdefault(question.cell, []).append(question)
    return list(cells.values())


def _looks(asked: Sequence[Asked]) -> Iterator[tuple[str, str, Look]]:
    """Yield every reading worth trying: (what is looked at, which look says yes, how)."""
    for name, value in _VALUES.items():
        counts = Counter(told for q in asked if (told := value(q)) is not None)
        common = [told for told, _ in counts.most_common(2)]
        if len(common) == 2:
            yield name, str(common[0]), _equals(value, common[0], common[1])
            yield name, str(common[1]), _equals(value, common[1], common[0])
        if len(counts) > 2:
            for told in common:
                yield name, str(told), _equals(value, told, None)
                yield name, f"not {told}", _differs(value, told)
    for name, measure in {**_MEASURES, **_unmapped(asked)}.items():
        parted = _part([told for q in asked if (told := measure(q)) is not None])
        if parted is not None:
            vague = _vagueness(asked, name)
            yield name, f"about {parted[1]:.0f}", _near(measure, parted, vague, above=True)
            yield name, f"about {parted[0]:.0f}", _near(measure, parted, vague, above=False)


_VALUES: dict[str, Callable[[Asked], object]] = {
    "status": lambda q: q.answer.status,
    "bytes": lambda q: None if q.answer.sent is None else (q.answer.status, q.answer.sent),
    "bytes-less-payload": lambda q: (
        None if q.answer.sent is None else (q.answer.status, q.answer.sent - q.payload_length)
    ),
}
Measure = Callable[[Asked], float | None]
_MEASURES: dict[str, Measure] = {
    "size": lambda q: q.answer.sent,
    "duration": lambda q: q.answer.took_us,
    "pause-after": lambda q: q.answer.after_us,
    "pause-before": lambda q: q.answer.before_us,
}
_NUMBER = re.compile(r"(?<![\w.])\d{1,15}(?:\.\d{1,9})?(?![\w.])")
_MOST_UNMAPPED = 4


def _unmapped(asked: Sequence[Asked]) -> dict[str, Measure]:
    """Return a measure for each number that lines have besides; a duration often stands there unnamed."""
    count = max((len(_NUMBER.findall(q.answer.unmapped or "")) for q in asked[:_TRIED_CELLS]), default=0)

    def measure(place: int) -> Measure:
        def read(question: Asked) -> float | None:
            told = _NUMBER.findall(question.answer.unmapped or "")
            return float(told[place]) if place < len(told) else None

        return read

    return {f"unmapped-{place}": measure(place) for place in range(min(count, _MOST_UNMAPPED))}


def _equals(value: Callable[[Asked], object], yes: object, no: object) -> Look:
    def read(question: Asked) -> bool | None:
        told = value(question)
        if told is None or told == yes:
            return None if told is None else True
        return False if no is None or told == no else None

    return read


def _differs(value: Callable[[Asked], object], no: object) -> Look:
    return lambda question: None if (told := value(question)) is None else told != no


def _near(measure: Measure, parted: tuple[float, float], vague: float, *, above: bool) -> Look:
    """Read a measure as small or large; what lies between, or may by its vagueness, is no answer."""
    low, high = parted
    border, band = (low + high) / 2, (high - low) * _BETWEEN + vague

    def read(question: Asked) -> bool | None:
        told = measure(question)
        if told is None or abs(told - border) < band:
            return None
        return (told > border) == above

    return read


def _vagueness(asked: Sequence[Asked], name: str) -> float:
    """Return how far a measure can be off: a pause by a step of the log's clock, anything else not."""
    if not name.startswith("pause"):
        return 0
    return max((q.answer.time_step_us or 1_000_000 for q in asked), default=0)


def _part(told: Sequence[float]) -> tuple[float, float] | None:
    """Return the middles of small and of large measures, parted best (Otsu 1979, on a logarithmic scale)."""
    plain = np.sort(np.array(told, dtype=float))
    if len(plain) < 2 or plain[0] == plain[-1]:
        return None
    values = np.log1p(np.maximum(plain, 0))
    count = np.arange(1, len(values))
    below = np.cumsum(values)[:-1]
    apart = (below / count - (values.sum() - below) / (len(values) - count)) ** 2
    spread = apart * count * (len(values) - count)
    spread[plain[1:] == plain[:-1]] = -1
    cut = int(np.argmax(spread)) + 1
    return float(np.median(plain[:cut])), float(np.median(plain[cut:]))
