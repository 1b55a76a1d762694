"""Reads folders of Sigma rules, filters and correlations; what cannot be used is refused by file and line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from sigma.exceptions import SigmaError
from sigma.filters import SigmaFilter
from sigma.rule import SigmaDetectionItem, SigmaLogSource, SigmaRule

from ashiato.engine.sigma.conditions import compile_detections
from ashiato.engine.sigma.correlations import Correlation, read_correlation, technique_of
from ashiato.engine.sigma.documents import Document, RuleError, read_documents
from ashiato.engine.sigma.levels import CERTAINTY, UNSAID
from ashiato.engine.sigma.policy import POLICY
from ashiato.engine.sigma.predicates import And, Node
from ashiato.engine.sigma.sources import LogSource, Source, SourceOf
from ashiato.engine.sigma.values import ColumnOf, Placeholders, UnsupportedError, ValueReader

_Made = TypeVar("_Made")
#: Anything YAML can say.
_Written: TypeAlias = Any
_FIX = "docs/guides/detection.md lists what is supported"


@dataclass(frozen=True)
class Rule:
    """One rule on single events, ready to run. ``name`` is its file's name, or that and its own.

    ``quiet``: only correlations look at its hits, which are no findings by themselves.
    """

    name: str
    ids: frozenset[str]
    level: str
    technique: str
    log_source: LogSource
    source: Source
    node: Node
    file: str
    line: int
    quiet: bool = False

    @property
    def certainty(self) -> float:
        """How sure one hit makes us that an attacker stands behind it."""
        return CERTAINTY[self.level]


@dataclass(frozen=True)
class RuleSet:
    """Everything of some folders that can be used, by name, and an error for everything that cannot."""

    rules: tuple[Rule, ...]
    correlations: tuple[Correlation, ...]
    refused: tuple[RuleError, ...]


@dataclass
class _Reader:
    """Reads documents one after the other; what is refused is noted and costs no other."""

    source_of: SourceOf
    placeholders: Placeholders
    refused: list[RuleError]

    def rule(self, document: Document) -> Rule:
        """Return the rule of a document; raises RuleError."""
        parsed = SigmaRule.from_dict(_with_aliases(document.written), policy=POLICY)
        log_source = _log_source_of(parsed.logsource)
        source = self.source_of(log_source)
        if source is None:
            what = f"no table for the log source ({log_source})"
            raise document.refuse(what, "logsource", "docs/guides/detection.md lists the log sources")
        node = compile_detections(
            parsed.detection, ValueReader(_columns(source, log_source), self.placeholders)
        )
        return Rule(
            name=document.name,
            ids=frozenset({str(found) for found in (parsed.id, parsed.name) if found}),
            level=parsed.level.name.lower() if parsed.level else UNSAID,
            technique=technique_of(parsed.tags),
            log_source=log_source,
            source=source,
            # The rule's own words first: they rule out more than where its events are.
            node=And((node, source.where)),
            file=document.file,
            line=document.first_line,
        )

    def filtered(self, document: Document, rules: list[Rule]) -> list[Rule]:
        """Return the rules with a filter applied to those it names; raises RuleError."""
        parsed = SigmaFilter.from_dict(_with_aliases(document.written), policy=POLICY)
        named = parsed.filter.rules
        wanted = None if isinstance(named, str) else {reference.reference for reference in named}
        log_source = _log_source_of(parsed.logsource)
        unknown = sorted(wanted - {each for rule in rules for each in rule.ids}) if wanted is not None else []
        if unknown:
            what = f"the filter names a rule that is not here: {', '.join(unknown)}"
            self.refused.append(document.refuse(what, "rules", "add that rule, or take its name out"))
        return [
            self._narrowed(parsed, rule)
            if log_source.covers(rule.log_source) and (wanted is None or rule.ids & wanted)
            else rule
            for rule in rules
        ]

    def _narrowed(self, parsed: SigmaFilter, rule: Rule) -> Rule:
        reader = ValueReader(_columns(rule.source, rule.log_source), self.placeholders)
        return replace(rule, node=And((rule.node, compile_detections(parsed.filter, reader))))

    def attempt(self, document: Document, read: Callable[[Document], _Made]) -> _Made | None:
        """Return what ``read`` makes of a document, or None where it is refused, which is noted."""
        try:
            return read(document)
        except RuleError as error:
            self.refused.append(error)
        except UnsupportedError as error:
            self.refused.append(document.refuse(error.what, error.key, _FIX))
        except SigmaError as error:
            word = _culprit(document)
            self.refused.append(document.refuse(f"not a Sigma rule: {error}", word, _FIX))
        except Exception as error:  # noqa: BLE001 - pySigma raises anything for what it did not expect
            what = f"not a Sigma rule: {type(error).__name__}"
            self.refused.append(document.refuse(what, _culprit(document), _FIX))
        return None


def read_rule_set(
    places: Iterable[Path], source_of: SourceOf, placeholders: Mapping[str, Iterable[str]] | None = None
) -> RuleSet:
    """Return the rules of files, and of all ``.yml`` and ``.yaml`` files below folders, in their order.

    ``placeholders``: the values of each ``%name%``. Filters work on the rules of all places, correlations
    may name rules of any.
    """
    values = {name: tuple(str(each) for each in given) for name, given in (placeholders or {}).items()}
    reader = _Reader(source_of, values, [])
    documents = list(_documents_of(places, reader.refused))
    plain = [each for each in documents if not {"correlation", "filter"} & each.written.keys()]
    rules: list[Rule] = [rule for rule in (reader.attempt(each, reader.rule) for each in plain) if rule]
    for each in documents:
        if "filter" in each.written:
            rules = reader.attempt(each, partial(reader.filtered, rules=rules)) or rules
    meant = [each for each in documents if "correlation" in each.written]
    correlations = _correlations_of(meant, rules, reader)
    quiet = {ref for each in correlations if not each.generate for ref in each.refs}
    return RuleSet(
        tuple(replace(rule, quiet=rule.name in quiet) for rule in rules),
        tuple(replace(each, quiet=each.name in quiet) for each in correlations),
        tuple(reader.refused),
    )


def _documents_of(places: Iterable[Path], refused: list[RuleError]) -> Iterator[Document]:
    taken: set[str] = set()
    for place in places:
        folder = place if place.is_dir() else place.parent
        found = {*place.rglob("*.yml"), *place.rglob("*.yaml")} if place.is_dir() else {place}
        for path in sorted(found):
            shown = path.relative_to(folder).as_posix()
            try:
                documents = read_documents(path, shown)
            except RuleError as error:
                refused.append(error)
                continue
            for document in documents:
                name = _free_name(document.name, taken)
                taken.add(name)
                yield replace(document, name=name)


def _free_name(name: str, taken: set[str]) -> str:
    """Return a name no other rule has, free of the signs that part reasons."""
    plain = "".join(sign if sign.isalnum() or sign in "-_. " else "_" for sign in name)
    free, number = plain, 1
    while free in taken:
        number += 1
        free = f"{plain}-{number}"
    return free


def _correlations_of(
    documents: list[Document], rules: list[Rule], reader: _Reader
) -> tuple[Correlation, ...]:
    """Return the correlations, each after those it names; one that waits for itself is refused."""
    known = {each: (rule.name, rule.level) for rule in rules for each in sorted(rule.ids)}
    found: list[Correlation] = []
    waiting = documents
    while waiting:
        ready = [
            each
            for each in waiting
            if not _names_of(each) & {name for one in waiting for name in _ids_of(one)}
        ]
        for document in ready or waiting:
            correlation = reader.attempt(document, partial(read_correlation, resolve=known.__getitem__))
            if correlation is not None and (error := _unknown_field(document, correlation, rules, found)):
                reader.refused.append(error)
                correlation = None
            if correlation is not None:
                found.append(correlation)
                known |= dict.fromkeys(_ids_of(document), (correlation.name, correlation.level))
        waiting = [each for each in waiting if each not in ready] if ready else []
    return tuple(found)


def _unknown_field(
    document: Document, correlation: Correlation, rules: list[Rule], correlations: list[Correlation]
) -> RuleError | None:
    """Return an error for a field that the events of a rule below the correlation cannot have."""
    by_name = {rule.name: rule for rule in rules}
    inner = {each.name: each for each in correlations}
    for ref, groups, values in zip(correlation.refs, correlation.groups, correlation.values, strict=True):
        waiting = [ref]
        for name in waiting:
            waiting += inner[name].refs if name in inner else ()
            columns = by_name[name].source.columns if name in by_name else None
            unknown = [each for each in (*groups, *values) if columns is not None and each not in columns]
            if unknown:
                what = f"the events of {name} have no field {unknown[0]!r}"
                return document.refuse(what, unknown[0], "group by fields that they have, or by an alias")
    return None


def _ids_of(document: Document) -> set[str]:
    return {str(document.written[key]) for key in ("id", "name") if document.written.get(key)}


def _names_of(document: Document) -> set[str]:
    """Return every word of a correlation that may name a rule."""
    written = document.written["correlation"]
    if not isinstance(written, dict):
        return set()
    named = written.get("rules") or []
    condition = written.get("condition")
    words = condition.replace("(", " ").replace(")", " ").split() if isinstance(condition, str) else []
    return {str(each) for each in (named if isinstance(named, list) else [named])} | set(words)


def _log_source_of(told: SigmaLogSource) -> LogSource:
    return LogSource(*(str(each or "").lower() for each in (told.category, told.product, told.service)))


def _columns(source: Source, log_source: LogSource) -> ColumnOf:
    def column_of(field: str) -> str:
        if source.columns is None:
            return field
        if field not in source.columns:
            raise UnsupportedError(f"unknown field {field!r} of the log source ({log_source})", field)
        return source.columns[field]

    return column_of


def _with_aliases(written: _Written) -> _Written:
    """Return what is written with ``utf16le``, which pySigma calls ``wide`` alone."""
    if isinstance(written, dict):
        return {
            "|".join("wide" if part == "utf16le" else part for part in key.split("|"))
            if isinstance(key, str)
            else key: _with_aliases(value)
            for key, value in written.items()
        }
    return [_with_aliases(each) for each in written] if isinstance(written, list) else written


def _culprit(document: Document) -> str:
    """Return the key of the first selection's item that pySigma refuses by itself, else the condition's."""
    for part in ("detection", "filter"):
        detection = document.written.get(part)
        for key, value in _items_of(_with_aliases(detection)):
            try:
                SigmaDetectionItem.from_mapping(key, value, policy=POLICY)
            except Exception:  # noqa: BLE001 - whatever it is, this is the item
                return key
    return "condition" if document.line_of("condition") != document.first_line else "detection"


def _items_of(written: _Written) -> Iterator[tuple[str, Any]]:
    for key, value in written.items() if isinstance(written, dict) else ():
        if key in ("condition", "rules"):
            continue
        for inside in value if isinstance(value, list) else [value]:
            yield from (
                ((str(name), each) for name, each in inside.items()) if isinstance(inside, dict) else ()
            )
