"""Says at which of one group's events a correlation holds, and where the window of each begins.

An event is a *step*; steps are in order. The window of a step ends with it and begins with the first step
that is no more than the timespan before it.
"""

from __future__ import annotations

import operator
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from math import ceil
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from ashiato.engine.sigma.correlations import Correlation

Firsts: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]

_COMPARE: dict[str, Callable[[Fraction | int, Fraction], bool]] = {
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
    "eq": operator.eq,
    "neq": operator.ne,
}


@dataclass(frozen=True)
class Steps:
    """One group's events in order: times, the places of the rules each fits, and what is measured of each."""

    times: npt.NDArray[np.int64]
    refs: Sequence[frozenset[int]]
    values: Sequence[tuple[str, ...]]
    numbers: Sequence[Fraction]


def find_windows(steps: Steps, correlation: Correlation) -> tuple[Flags, Firsts]:
    """Return at which steps the correlation holds, and the first step of each one's window."""
    firsts = np.searchsorted(steps.times, steps.times - correlation.span_us, side="left")
    held = _HELD[correlation.kind](steps, firsts, correlation)
    return np.fromiter(held, np.bool_, len(steps.times)), firsts


def _holds(value: Fraction | int, correlation: Correlation) -> bool:
    return all(_COMPARE[op](value, bound) for op, bound in correlation.bounds)


def _event_count(steps: Steps, firsts: Firsts, correlation: Correlation) -> Iterator[bool]:
    sizes = np.arange(len(steps.times)) - firsts + 1
    yield from (_holds(size, correlation) for size in sizes.tolist())


def _value_count(steps: Steps, firsts: Firsts, correlation: Correlation) -> Iterator[bool]:
    inside: Counter[tuple[str, ...]] = Counter()
    left = 0
    for step, first in enumerate(firsts.tolist()):
        inside[steps.values[step]] += 1
        for gone in range(left, first):
            inside[steps.values[gone]] -= 1
            if not inside[steps.values[gone]]:
                del inside[steps.values[gone]]
        left = first
        yield _holds(len(inside), correlation)


def _value_sum(steps: Steps, firsts: Firsts, correlation: Correlation) -> Iterator[bool]:
    for total, _ in _sums(steps, firsts):
        yield _holds(total, correlation)


def _value_avg(steps: Steps, firsts: Firsts, correlation: Correlation) -> Iterator[bool]:
    for total, count in _sums(steps, firsts):
        yield _holds(total / count, correlation)


def _sums(steps: Steps, firsts: Firsts) -> Iterator[tuple[Fraction, int]]:
    """Yield the exact sum and the size of each window."""
    until = list(accumulate(steps.numbers, initial=Fraction(0)))
    for step, first in enumerate(firsts.tolist()):
        yield until[step + 1] - until[first], step - first + 1


def _value_percentile(steps: Steps, firsts: Firsts, correlation: Correlation) -> Iterator[bool]:
    """By nearest rank: the least value that so many per cent of the window's values do not exceed."""
    inside: list[Fraction] = []
    left = 0
    for step, first in enumerate(firsts.tolist()):
        insort(inside, steps.numbers[step])
        for gone in range(left, first):
            del inside[bisect_left(inside, steps.numbers[gone])]
        left = first
        rank = max(1, ceil(Fraction(correlation.percentile or 0, 100) * len(inside)))
        yield _holds(inside[rank - 1], correlation)


def _temporal(steps: Steps, firsts: Firsts, correlation: Correlation) -> Iterator[bool]:
    for there in _present(steps, firsts):
        if correlation.expression is not None:
            yield correlation.expression(there, there)
        else:
            yield _holds(len(there), correlation)


def _present(steps: Steps, firsts: Firsts) -> Iterator[frozenset[int]]:
    """Yield the rules that each window has."""
    inside: Counter[int] = Counter()
    left = 0
    for step, first in enumerate(firsts.tolist()):
        inside.update(steps.refs[step])
        for gone in range(left, first):
            inside.subtract(steps.refs[gone])
        left = first
        yield frozenset(ref for ref, count in inside.items() if count)


def _temporal_ordered(steps: Steps, firsts: Firsts, correlation: Correlation) -> Iterator[bool]:
    if correlation.whole:
        yield from _whole_chains(steps, firsts, len(correlation.refs))
        return
    chains = _chains(steps, firsts)
    for there, sets in zip(_present(steps, firsts), chains, strict=True):
        if correlation.expression is not None:
            yield any(correlation.expression(chosen, there) for chosen in sets)
        else:
            yield _holds(max(map(len, sets)), correlation)


def _whole_chains(steps: Steps, firsts: Firsts, count: int) -> Iterator[bool]:
    """Tell of each step whether hits of all rules stand in order in its window, each by another event.

    ``begun[n]`` is the latest step at which a chain of the first n + 1 rules that is complete by now began.
    """
    begun = [-1] * count
    for step, first in enumerate(firsts.tolist()):
        # From the last rule back, so that one event never stands for two rules of a chain.
        for ref in sorted(steps.refs[step], reverse=True):
            begun[ref] = max(begun[ref], step if ref == 0 else begun[ref - 1])
        yield begun[-1] >= first


def _chains(steps: Steps, firsts: Firsts) -> Iterator[list[frozenset[int]]]:
    """Yield the sets of rules of which each window has hits in the rules' order, each by another event."""
    begun: dict[frozenset[int], int] = {}
    for step, first in enumerate(firsts.tolist()):
        longer = {frozenset({ref}): step for ref in steps.refs[step]}
        for chosen, start in begun.items():
            for ref in steps.refs[step]:
                if ref > max(chosen):
                    grown = chosen | {ref}
                    longer[grown] = max(start, longer.get(grown, -1))
        for chosen, start in longer.items():
            begun[chosen] = max(start, begun.get(chosen, -1))
        begun = {chosen: start for chosen, start in begun.items() if start >= first}
        yield list(begun)


_HELD = {
    "event_count": _event_count,
    "value_count": _value_count,
    "value_sum": _value_sum,
    "value_avg": _value_avg,
    "value_percentile": _value_percentile,
    "temporal": _temporal,
    "temporal_ordered": _temporal_ordered,
}
