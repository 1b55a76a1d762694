"""Worked cases, one line each in ``worked_cases.yaml``: facts, the article and section, and the answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from ashiato.law.api import Assessment, Duty, load_rulebook, parse_diary
from tests.law.diaries import assessed

_TYPED = yaml.safe_load(Path(__file__).with_name("worked_cases.yaml").read_text("utf-8"))
_CASES: list[dict[str, Any]] = _TYPED["cases"]

_SEEN: dict[str, Callable[[Duty], Any]] = {
    "answer": lambda duty: str(duty.answer),
    "reliance": lambda duty: str(duty.reliance),
    "due": lambda duty: str(duty.due),
    "dues": lambda duty: [reading.due and str(reading.due) for reading in duty.readings],
    "from": lambda duty: str(duty.safe.due_from) if duty.safe else None,
    "at": lambda duty: [reading.due_at and reading.due_at.isoformat() for reading in duty.readings],
    "since": lambda duty: str(duty.since),
    "to": lambda duty: [recipient.code for recipient in duty.recipients],
    "to_missing": lambda duty: list(duty.recipients_missing),
    "exempted_by": lambda duty: duty.exempted_by.code if duty.exempted_by else None,
    "start_missing": lambda duty: duty.start_missing,
    "substitute": lambda duty: duty.substitute_open,
    "done": lambda duty: str(duty.done),
}
_HELD: dict[str, Callable[[Duty], set[str]]] = {
    "missing": lambda duty: set(duty.missing),
    "because": lambda duty: {fact.name for fact in duty.because},
    "remarks": lambda duty: {remark.code for remark in duty.remarks},
    "exempt_if": lambda duty: {found.exemption.code for found in duty.exempt_if},
}


def test_there_are_a_hundred_cases_with_article_and_section() -> None:
    assert len(_CASES) >= 100
    assert len({case["case"] for case in _CASES}) == len(_CASES)
    assert all(len(case["cites"]) > 1 for case in _CASES)


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case["case"])
def test_a_worked_case_is_answered_as_worked(case: dict[str, Any]) -> None:
    assessment = _assessment(case)
    for rule, expected in case["expect"].items():
        duty = assessment.duty(rule)
        assert duty is not None, rule
        for key, value in expected.items():
            if key in _SEEN:
                assert _SEEN[key](duty) == _plain(value), (rule, key)
            else:
                assert set(value) <= _HELD[key](duty), (rule, key, _HELD[key](duty))


def _assessment(case: dict[str, Any]) -> Assessment:
    known = str(case["known"])
    first = {**_TYPED["bases"][case.get("base", "none")], **case.get("sets", {})}
    entries = [(known, first), *((str(when), sets) for when, sets in case.get("then", ()))]
    written = {
        "zone": "Asia/Tokyo",
        "entries": [{"known": when, "sets": _plain(sets)} for when, sets in entries],
    }
    until = str(case.get("until", entries[-1][0]))
    return assessed(parse_diary(json.dumps(written, ensure_ascii=False)), until)


def _plain(value: Any) -> Any:
    """Days, which the reader of YAML takes for dates, as text."""
    if isinstance(value, dict):
        return {name: _plain(inside) for name, inside in value.items()}
    if isinstance(value, list):
        return [_plain(inside) for inside in value]
    return value if isinstance(value, bool | int | None) else str(value)


@cache
def _asked() -> set[str]:
    return {rule for case in _CASES for rule in case["expect"]}


def test_every_rule_that_is_relied_on_is_worked_once() -> None:
    relied = {name for name, rule in load_rulebook().rules.items() if rule.enabled}
    assert relied - _asked() <= {"jp-appi-on-discovery", "jp-police", "hk-notice", "cn-pipl-57-notice"}
