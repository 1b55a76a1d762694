"""Reads our Sigma rules and says which table each looks at and with which SQL condition."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from sigma.exceptions import SigmaError
from sigma.rule import SigmaRule

from ashiato.engine.findings.conditions import ConditionCompiler, UnsupportedConditionError
from ashiato.engine.tables import EVENTS
from ashiato.terms.errors import AshiatoError, Place

#: The rules travel inside the package: an installed program has no source tree beside it.
SHIPPED_RULES = Path(__file__).resolve().parents[2] / "rules"

_COMMON_FIELDS = {name: name for name in EVENTS.columns}
_WEB_FIELDS = {
    **_COMMON_FIELDS,
    "c-ip": "src_endpoint_ip",
    "cs-method": "http_request_method",
    "c-uri": "http_request_target",
    "c-uri-query": "http_request_query",
    "cs-uri-query": "http_request_query",
    "c-uri-stem": "http_request_path",
    "cs-uri-stem": "http_request_path",
    "cs-host": "http_request_host",
    "cs-user-agent": "http_request_user_agent",
    "c-useragent": "http_request_user_agent",
    "cs-referer": "http_request_referrer",
    "cs-version": "http_request_version",
    "cs-username": "actor_user_name",
    "sc-status": "http_response_code",
    "decoded": "decoded",
    "has_syntax": "has_syntax",
}
_DATABASE_FIELDS = {**_COMMON_FIELDS, "query_shape": "query_shape"}
_SIGN_IN_FIELDS = dict(_COMMON_FIELDS)
_SOURCES = {
    "webserver": ("finding_requests", _WEB_FIELDS, ("decoded", "http_request_user_agent")),
    "proxy": ("finding_requests", _WEB_FIELDS, ("decoded", "http_request_user_agent")),
    "database": ("finding_statements", _DATABASE_FIELDS, ("query_text", "error_text")),
    "authentication": ("finding_sign_ins", _SIGN_IN_FIELDS, ("message",)),
}
# How sure one hit of a rule of this level makes us that an attacker stands behind it.
_CERTAINTY = {"INFORMATIONAL": 0.05, "LOW": 0.2, "MEDIUM": 0.5, "HIGH": 0.85, "CRITICAL": 0.95}


class RuleError(AshiatoError):
    """A detection rule cannot be used; the message names the rule's file and line."""

    exit_code = 5


@dataclass(frozen=True)
class Rule:
    """One Sigma rule, ready to run: rows of ``table`` for which ``condition`` is true."""

    name: str
    table: str
    condition: str
    level: str
    certainty: float
    technique: str


def read_rules(folder: Path = SHIPPED_RULES) -> tuple[Rule, ...]:
    """Return every rule of a folder, by name. Raises RuleError."""
    return tuple(read_rule(path) for path in sorted(folder.glob("*.yml")))


def read_rule(path: Path) -> Rule:
    """Return the rule of one file, named as the file. Raises RuleError."""
    text = path.read_text(encoding="utf-8")
    try:
        written = yaml.safe_load(text)
        if not isinstance(written, dict) or "correlation" in written:
            raise RuleError(
                "only single-event Sigma rules can be used here",
                where=Place(path.name, _line_of(text, "correlation")),
                fix="write repeated events as a behaviour, not as a correlation rule",
            )
        rule = SigmaRule.from_dict(written)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = Place(path.name, mark.line + 1 if mark else 1)
        raise RuleError(f"not YAML: {error}", where=where, fix="quote values with special signs") from error
    except SigmaError as error:
        where = Place(path.name, _line_of(text, "detection"))
        raise RuleError(
            f"not a Sigma rule: {error}", where=where, fix="see docs/guides/detection.md"
        ) from error
    return _compiled(path, text, rule)


def _compiled(path: Path, text: str, rule: SigmaRule) -> Rule:
    table, fields, keywords = _source_of(path, text, rule)
    compiler = ConditionCompiler(fields, keywords)
    try:
        trees: list[Any] = [parsed.parse() for parsed in rule.detection.parsed_condition]
        conditions = [compiler.compile(tree) for tree in trees]
    except UnsupportedConditionError as error:
        where = Place(path.name, _line_of(text, error.word))
        raise RuleError(
            error.what, where=where, fix="docs/guides/detection.md lists what is supported"
        ) from error
    except SigmaError as error:
        where = Place(path.name, _line_of(text, "condition"))
        raise RuleError(
            f"the condition cannot be read: {error}", where=where, fix="check its names"
        ) from error
    level = rule.level.name if rule.level else "MEDIUM"
    return Rule(
        name=path.stem,
        table=table,
        condition=" OR ".join(conditions),
        level=level.lower(),
        certainty=_CERTAINTY[level],
        technique=_technique_of(rule),
    )


def _source_of(path: Path, text: str, rule: SigmaRule) -> tuple[str, dict[str, str], tuple[str, ...]]:
    category = rule.logsource.category or ""
    if category not in _SOURCES:
        raise RuleError(
            f"no table for the log source {category!r}",
            where=Place(path.name, _line_of(text, "logsource")),
            fix=f"use one of {', '.join(sorted(_SOURCES))}",
        )
    return _SOURCES[category]


def _technique_of(rule: SigmaRule) -> str:
    names = sorted(tag.name.upper() for tag in rule.tags if tag.namespace == "attack")
    return next((name for name in names if name[:1] == "T" and name[1:2].isdigit()), "")


def _line_of(text: str, word: str) -> int:
    lines = text.splitlines()
    return next((number for number, line in enumerate(lines, 1) if word in line), 1)
