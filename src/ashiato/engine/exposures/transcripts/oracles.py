"""Infers from the traffic itself which look of an answer said yes, and which said no.

For each way of asking, each look (status, size, duration) and each of its two readings is tried on the
questions; the right one makes the answers agree with one another, the wrong ones contradict.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ashiato.engine.exposures.transcripts.asking import Asked, Cell
from ashiato.engine.exposures.transcripts.solving import solve

_TRIED_CELLS = 300
#: A reading is believed while so small a share of the cells it decides speaks against it.
_CONTRADICTED = 0.2

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
    for name, measure in _MEASURES.items():
        border = _border([told for q in asked if (told := measure(q)) is not None])
        if border is not None:
            yield name, f"over {border:.0f}", _over(measure, border, above=True)
            yield name, f"up to {border:.0f}", _over(measure, border, above=False)


_VALUES: dict[str, Callable[[Asked], object]] = {
    "status": lambda q: q.status,
    "bytes": lambda q: None if q.sent is None else (q.status, q.sent),
    "bytes-less-payload": lambda q: None if q.sent is None else (q.status, q.sent - q.payload_length),
}
_MEASURES: dict[str, Callable[[Asked], int | None]] = {
    "size": lambda q: q.sent,
    "duration": lambda q: q.took_us,
}


def _equals(value: Callable[[Asked], object], yes: object, no: object) -> Look:
    def read(question: Asked) -> bool | None:
        told = value(question)
        if told is None or told == yes:
            return None if told is None else True
        return False if no is None or told == no else None

    return read


def _differs(value: Callable[[Asked], object], no: object) -> Look:
    return lambda question: None if (told := value(question)) is None else told != no


def _over(measure: Callable[[Asked], int | None], border: float, *, above: bool) -> Look:
    return lambda question: None if (told := measure(question)) is None else (told > border) == above


def _border(told: Sequence[int]) -> float | None:
    """Return what parts the measures best into small and large (Otsu 1979, on a logarithmic scale)."""
    values = np.sort(np.log1p(np.array(told, dtype=float)))
    if len(values) < 2 or values[0] == values[-1]:
        return None
    count = np.arange(1, len(values))
    below = np.cumsum(values)[:-1]
    apart = (below / count - (values.sum() - below) / (len(values) - count)) ** 2
    spread = apart * count * (len(values) - count)
    spread[values[1:] == values[:-1]] = -1
    cut = int(np.argmax(spread))
    return float(np.expm1((values[cut] + values[cut + 1]) / 2))
