"""What a correlation says: which rules' hits it looks at, in which groups, within which time, and how many.

The hits of its rules are put in order by time, and by event number where times are equal. For each of them
the *window* is the hits of the same group up to and including it, no more than the timespan before it. The
correlation holds at a hit when its condition holds for that hit's window; so windows never depend on where
a clock's hour begins, and one event's correlation can itself be correlated: it has that event's time and
fields. One event counts once in a window, however many of the rules it fits. An event without a group's
field, or without the field that is measured, takes no part.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from sigma.correlations import (
    CorrelationConditionAND,
    CorrelationConditionItem,
    CorrelationConditionNOT,
    SigmaCorrelationCondition,
    SigmaCorrelationRule,
    SigmaExtendedCorrelationCondition,
    SigmaRuleReference,
)
from sigma.rule import SigmaRuleTag

from ashiato.engine.sigma.documents import Document
from ashiato.engine.sigma.levels import CERTAINTY, LEVELS

#: Of the rules (by their place) whose hits are chosen, and of those the window has at all, whether the
#: condition holds: what is asked for must be chosen, what is ruled out must not be there.
Expression: TypeAlias = Callable[[frozenset[int], frozenset[int]], bool]
#: Gives the name of a rule and its level, by its id or name; KeyError where none is.
Resolve: TypeAlias = Callable[[str], tuple[str, str]]

KINDS = (
    "event_count",
    "value_count",
    "temporal",
    "temporal_ordered",
    "value_sum",
    "value_avg",
    "value_percentile",
)
_WORDS = re.compile(r"\b(?:AND|OR|NOT)\b")
_OPS = ("lt", "lte", "gt", "gte", "eq", "neq")
# Every order in which so many rules may have come is kept for each group; more are kept as one chain alone.
_MOST_ORDERED = 8
_FIX = "docs/guides/detection.md says how correlations are written"


@dataclass(frozen=True)
class Correlation:
    """One correlation rule. ``refs`` are names of rules and correlations, in the rule's order.

    ``groups`` and ``values``: for each of ``refs``, the fields that part groups and that are measured.
    ``bounds`` are the condition's comparisons, all of which hold; ``expression`` stands in their place.
    ``whole``: an ordered correlation asks for all of its rules, one after the other. ``quiet``: only other
    correlations look at its places.
    """

    name: str
    kind: str
    refs: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    values: tuple[tuple[str, ...], ...]
    span_us: int
    bounds: tuple[tuple[str, Fraction], ...]
    percentile: int | None
    expression: Expression | None
    whole: bool
    generate: bool
    level: str
    technique: str
    file: str
    line: int
    quiet: bool = False

    @property
    def certainty(self) -> float:
        """How sure one match makes us that an attacker stands behind it."""
        return CERTAINTY[self.level]


def read_correlation(document: Document, resolve: Resolve) -> Correlation:
    """Return the correlation of a document. Raises RuleError; SigmaError for what pySigma refuses."""
    bounds = _bounds_of(document)
    parsed = SigmaCorrelationRule.from_dict(_as_pysigma_reads(document.written, bounds))
    kind = parsed.type.name.lower()
    if kind not in KINDS:
        fix = f"use one of {', '.join(KINDS)}"
        raise document.refuse(f"{kind} is no correlation of Sigma 2.1", "type", fix)
    references = _references_of(parsed)
    named = [_resolved(document, reference, resolve) for reference in references]
    refs = tuple(name for name, _ in named)
    group_by, measured = tuple(parsed.group_by or ()), _measured(parsed, kind)
    aliases = _aliases_of(document, parsed, refs, resolve)
    correlation = Correlation(
        name=document.name,
        kind=kind,
        refs=refs,
        groups=tuple(tuple(aliases.get((field, ref), field) for field in group_by) for ref in refs),
        values=tuple(tuple(aliases.get((field, ref), field) for field in measured) for ref in refs),
        span_us=parsed.timespan.seconds * 1_000_000,
        bounds=bounds or (("gte", Fraction(len(references))),),
        percentile=_percentile_of(document, parsed, kind),
        expression=_expression_of(parsed, references),
        whole=not bounds and not isinstance(parsed.condition, SigmaExtendedCorrelationCondition),
        generate=bool(parsed.generate),
        level=parsed.level.name.lower() if parsed.level else max((n for _, n in named), key=LEVELS.index),
        technique=technique_of(parsed.tags),
        file=document.file,
        line=document.first_line,
    )
    _check(document, correlation)
    return correlation


def technique_of(tags: Iterable[SigmaRuleTag]) -> str:
    """Return the first ATT&CK technique among a rule's tags, upper case, or nothing."""
    names = sorted(tag.name.upper() for tag in tags if tag.namespace == "attack")
    return next((name for name in names if name[:1] == "T" and name[1:2].isdigit()), "")


def _check(document: Document, correlation: Correlation) -> None:
    chains = correlation.kind == "temporal_ordered" and not correlation.whole
    if chains and len(correlation.refs) > _MOST_ORDERED:
        what = f"an ordered correlation with a condition may name {_MOST_ORDERED} rules at most"
        raise document.refuse(what, "rules", "leave the condition out, or chain correlations")
    if len(set(correlation.refs)) != len(correlation.refs):
        raise document.refuse("a rule is named twice", "rules", "name each rule once")


def _bounds_of(document: Document) -> tuple[tuple[str, Fraction], ...]:
    """Return the comparisons of a condition, which may be a range: pySigma takes one alone."""
    condition = document.inside("correlation").get("condition")
    if not isinstance(condition, dict):
        return ()
    try:
        return tuple((op, Fraction(str(condition[op]))) for op in _OPS if op in condition)
    except ValueError as error:
        raise document.refuse(f"the condition compares with no number: {error}", "condition", _FIX) from error


def _as_pysigma_reads(written: Mapping[str, Any], bounds: tuple[tuple[str, Fraction], ...]) -> dict[str, Any]:
    """Return the document with one comparison, and with the words of an expression in small letters."""
    correlation = written["correlation"]
    condition = correlation.get("condition") if isinstance(correlation, dict) else None
    if isinstance(condition, str):
        condition = _WORDS.sub(lambda word: word.group().lower(), condition)
    elif isinstance(condition, dict):
        others = {op for op, _ in bounds[1:]}
        condition = {key: value for key, value in condition.items() if key not in others}
    else:
        return dict(written)
    return {**written, "correlation": {**correlation, "condition": condition}}


def _references_of(parsed: SigmaCorrelationRule) -> list[str]:
    if parsed.rules is not None:
        return [reference.reference for reference in parsed.rules]
    assert isinstance(parsed.condition, SigmaExtendedCorrelationCondition)  # noqa: S101 - pySigma asks for it
    return parsed.condition.get_referenced_rules()


def _resolved(document: Document, reference: str, resolve: Resolve) -> tuple[str, str]:
    try:
        return resolve(reference)
    except KeyError as error:
        what = f"no rule that can be used has the id or name {reference!r}"
        raise document.refuse(what, "rules", "add that rule to the folder, or mend it") from error


def _measured(parsed: SigmaCorrelationRule, kind: str) -> tuple[str, ...]:
    if not kind.startswith("value_") or not isinstance(parsed.condition, SigmaCorrelationCondition):
        return ()
    told = parsed.condition.fieldref
    return tuple(told) if isinstance(told, list) else (str(told),)


def _aliases_of(
    document: Document, parsed: SigmaCorrelationRule, refs: tuple[str, ...], resolve: Resolve
) -> dict[tuple[str, str], str]:
    """Return the field of each alias and rule."""
    found: dict[tuple[str, str], str] = {}
    for alias in parsed.aliases:
        for reference, field in alias.mapping.items():
            # One may name a rule that is not asked for here, and that comes later or not at all.
            with suppress(KeyError):
                found[alias.alias, resolve(reference.reference)[0]] = field
        missing = [name for name in refs if (alias.alias, name) not in found]
        if missing:
            what = f"the alias {alias.alias!r} names no field for {', '.join(missing)}"
            raise document.refuse(what, alias.alias, "name one for every rule")
    return found


def _percentile_of(document: Document, parsed: SigmaCorrelationRule, kind: str) -> int | None:
    if kind != "value_percentile" or not isinstance(parsed.condition, SigmaCorrelationCondition):
        return None
    percentile = parsed.condition.percentile
    if percentile is None or not 0 <= percentile <= 100:
        what = "value_percentile does not say which percentile"
        raise document.refuse(what, "condition", "add `percentile:` from 0 to 100 to the condition")
    return percentile


def _expression_of(parsed: SigmaCorrelationRule, references: list[str]) -> Expression | None:
    if not isinstance(parsed.condition, SigmaExtendedCorrelationCondition):
        return None
    places = {reference: place for place, reference in enumerate(references)}
    return _evaluator(parsed.condition.parsed, places)


def _evaluator(item: CorrelationConditionItem | SigmaRuleReference, places: Mapping[str, int]) -> Expression:
    if isinstance(item, SigmaRuleReference):
        place = places[item.reference]
        return lambda chosen, _: place in chosen
    parts = [_evaluator(part, places) for part in item.args]
    if isinstance(item, CorrelationConditionNOT):
        return lambda chosen, there: not parts[0](there, chosen)
    if isinstance(item, CorrelationConditionAND):
        return lambda chosen, there: all(part(chosen, there) for part in parts)
    return lambda chosen, there: any(part(chosen, there) for part in parts)
