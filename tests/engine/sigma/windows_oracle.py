"""A slow second reading of Sigma's correlations: every window is looked through from the beginning.

It shares no code with the product. A place is ``(time, event, the event, events it is made from)``.
"""

from __future__ import annotations

import ast
import itertools
import math
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from tests.engine.sigma import oracle

Place = tuple[int, int, Mapping[str, Any], frozenset[int]]
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def places_of(name: str, rules: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> list[Place]:
    """Return where a rule or correlation holds, for events that are numbered as they stand."""
    rule = rules[name]
    if "detection" in rule:
        hits = [(n, event) for n, event in enumerate(events) if oracle.holds(rule["detection"], event, {})]
        return [(event["at"], n, event, frozenset({n})) for n, event in hits]
    said = rule["correlation"]
    refs = said.get("rules") or list(dict.fromkeys(re.findall(r"\b[rc]\d\b", said["condition"])))
    condition = said.get("condition", {"gte": len(refs)})
    grouped: dict[Any, list[tuple[int, int, int, Any, Place]]] = {}
    for number, ref in enumerate(refs):
        for place in places_of(ref, rules, events):
            key = tuple(_named(field, ref, said, place) for field in said.get("group-by", []))
            field = condition.get("field") if isinstance(condition, dict) else None
            value = _named(field, ref, said, place) if field else ""
            number_wanted = said["type"] in ("value_sum", "value_avg", "value_percentile")
            if None not in (*key, value) and (not number_wanted or _fraction(value) is not None):
                grouped.setdefault(key, []).append((place[0], place[1], number, value, place))
    return sorted(
        (place for hits in grouped.values() for place in _in_group(sorted(hits, key=_when), said, refs)),
        key=lambda place: place[:2],
    )


def _when(hit: Any) -> Any:
    return hit[:3]


def _named(field: str, ref: str, said: Mapping[str, Any], place: Place) -> Any:
    return place[2].get(said.get("aliases", {}).get(field, {}).get(ref, field))


def _fraction(value: str) -> Fraction | None:
    return Fraction(value) if re.fullmatch(r"-?\d+(\.\d+)?", value) else None


def _in_group(hits: list[Any], said: Mapping[str, Any], refs: list[str]) -> list[Place]:
    span = int(said["timespan"][:-1]) * _SECONDS[said["timespan"][-1]] * 1_000_000
    found = []
    for time, event in sorted({hit[:2] for hit in hits}):
        window = [hit for hit in hits if time - span <= hit[0] and hit[:2] <= (time, event)]
        if _true(window, said["type"], said.get("condition", {"gte": len(refs)}), refs):
            last = [hit for hit in window if hit[1] == event][-1][4]
            found.append((time, event, last[2], frozenset().union(*(hit[4][3] for hit in window))))
    return found


def _true(window: list[Any], kind: str, condition: Any, refs: list[str]) -> bool:
    present, count = {hit[2] for hit in window}, len(refs)
    if isinstance(condition, str):
        tree = ast.parse(condition.lower(), mode="eval").body
        sets = _orders(window, count) if kind == "temporal_ordered" else [present]
        return any(_says(tree, chosen, present, refs) for chosen in sets)
    values = [hits[0][3] for hits in _by_event(window)]
    measured: dict[str, Any] = {
        "event_count": lambda: len(values),
        "value_count": lambda: len(set(values)),
        "value_sum": lambda: sum(map(Fraction, values)),
        "value_avg": lambda: sum(map(Fraction, values)) / len(values),
        "value_percentile": lambda: _percentile(sorted(map(Fraction, values)), condition["percentile"]),
        "temporal": lambda: len(present),
        "temporal_ordered": lambda: max(map(len, _orders(window, count))),
    }
    value = measured[kind]()
    tests = {
        "lt": lambda b: value < b,
        "lte": lambda b: value <= b,
        "gt": lambda b: value > b,
        "gte": lambda b: value >= b,
        "eq": lambda b: value == b,
        "neq": lambda b: value != b,
    }
    return all(tests[op](Fraction(str(bound))) for op, bound in condition.items() if op in tests)


def _by_event(window: list[Any]) -> list[list[Any]]:
    return [list(hits) for _, hits in itertools.groupby(window, key=lambda hit: hit[1])]


def _percentile(values: list[Fraction], percent: int) -> Fraction:
    return next(v for v in values if 100 * sum(w <= v for w in values) >= percent * len(values))


def _orders(window: list[Any], count: int) -> list[set[int]]:
    """Return every set of rules that different events of the window stand for in the rules' order."""
    choices = (c for size in range(1, count + 1) for c in itertools.combinations(range(count), size))
    return [set(chosen) for chosen in choices if _in_order(window, list(chosen), (-math.inf, -1))]


def _in_order(window: list[Any], wanted: list[int], after: Any) -> bool:
    if not wanted:
        return True
    later = [hit for hit in window if hit[2] == wanted[0] and hit[:2] > after]
    return any(_in_order(window, wanted[1:], hit[:2]) for hit in later)


def _says(
    node: ast.expr, chosen: set[int], present: set[int], refs: list[str], *, wanted: bool = True
) -> bool:
    if isinstance(node, ast.Name):
        return refs.index(node.id) in (chosen if wanted else present)
    if isinstance(node, ast.UnaryOp):
        return not _says(node.operand, chosen, present, refs, wanted=not wanted)
    assert isinstance(node, ast.BoolOp)
    parts = [_says(part, chosen, present, refs, wanted=wanted) for part in node.values]
    return all(parts) if isinstance(node.op, ast.And) else any(parts)
