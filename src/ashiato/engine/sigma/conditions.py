"""Compiles a parsed Sigma rule or filter: its condition over its selections becomes one node."""

from __future__ import annotations

from collections.abc import Mapping

from sigma.conditions import (
    ConditionAND,
    ConditionIdentifier,
    ConditionNOT,
    ConditionOR,
    ConditionSelector,
    SigmaCondition,
)
from sigma.rule import SigmaDetection, SigmaDetectionItem, SigmaDetections

from ashiato.engine.sigma.predicates import And, Named, Node, Not, Or
from ashiato.engine.sigma.values import UnsupportedError, ValueReader


def compile_detections(detections: SigmaDetections, reader: ValueReader) -> Node:
    """Return what a rule's (or filter's) detections say; raises UnsupportedError, SigmaError."""
    selections: dict[str, Node] = {
        name: Named(name, _selection(detection, reader)) for name, detection in detections.detections.items()
    }
    said = tuple(_condition(parsed, selections) for parsed in detections.parsed_condition)
    return said[0] if len(said) == 1 else Or(said)


def _condition(parsed: SigmaCondition, selections: Mapping[str, Node]) -> Node:
    def walk(item: object) -> Node:
        if isinstance(item, ConditionIdentifier):
            if item.identifier not in selections:
                raise UnsupportedError(f"no selection is called {item.identifier!r}", "condition")
            return selections[item.identifier]
        if isinstance(item, ConditionSelector):
            return choose(item)
        if isinstance(item, ConditionNOT):
            return Not(walk(item.args[0]))
        if isinstance(item, ConditionAND | ConditionOR):
            joined = And if isinstance(item, ConditionAND) else Or
            return joined(tuple(walk(each) for each in item.args))
        raise UnsupportedError(f"{type(item).__name__} is not understood", "condition")

    def choose(item: ConditionSelector) -> Node:
        found = [name for name in selections if _is_meant(name, item.pattern)]
        if not found:
            raise UnsupportedError(f"no selection is called {item.pattern!r}", "condition")
        joined = And if item.cond_class is ConditionAND else Or
        return joined(tuple(selections[name] for name in found))

    return walk(parsed.parse(postprocess=False))


def _is_meant(name: str, pattern: str) -> bool:
    """Tell whether a selection fits a pattern with ``*``; those that begin with ``_`` are left out."""
    if name.startswith("_") and not pattern.startswith("_"):
        return False
    first, *others = ("*" if pattern == "them" else pattern).split("*")
    if not others:
        return name == first
    if not name.startswith(first):
        return False
    at = len(first)
    for piece in others[:-1]:
        found = name.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return len(name) >= at + len(others[-1]) and name.endswith(others[-1])


def _selection(detection: SigmaDetection, reader: ValueReader) -> Node:
    parts = tuple(
        _item(part, reader) if isinstance(part, SigmaDetectionItem) else _selection(part, reader)
        for part in detection.detection_items
    )
    return And(parts) if detection.item_linking is ConditionAND else Or(parts)


def _item(item: SigmaDetectionItem, reader: ValueReader) -> Node:
    if not item.value:
        raise UnsupportedError("a field needs a value: null asks for absence", item.field or "detection")
    parts = tuple(reader.node_of(item.field, value) for value in item.value)
    joined: Node = And(parts) if item.value_linking is ConditionAND else Or(parts)
    return Not(joined) if item.negated else joined
