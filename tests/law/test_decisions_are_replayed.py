"""A decision carries what it needs: run again it gives the same bytes, and says what today's rules answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import pytest

from ashiato.law.api import (
    Confirmation,
    Move,
    canonical,
    freeze,
    list_rule_files,
    load_rulebook,
    replay,
    rulebook_of,
)
from ashiato.terms.errors import IntegrityError, LawError
from tests.law.diaries import assessed, diary_of

_DIARY = diary_of(
    ("2026-06-25", "law.JP: true, data.personal: true, leak: leak_possible, people: {at_most: 900, run: '3'}")
)
_CONFIRMED = Confirmation("Dan, privacy officer", "fewer than 1,001, no other situation known")


def _kept() -> Callable[[str], bytes]:
    files = {hashlib.sha256(content).hexdigest(): content for _, content in list_rule_files()}
    return files.__getitem__


def _record() -> bytes:
    return freeze(assessed(_DIARY, "2026-07-01"), _CONFIRMED)


def test_a_decision_run_again_gives_the_same_bytes() -> None:
    again = replay(_record(), _kept(), load_rulebook())
    assert again.same
    assert not again.changes.duties
    assert again.record["confirmed"] == {"by": _CONFIRMED.by, "why": _CONFIRMED.why}


def test_a_decision_freezes_facts_versions_and_counts_with_their_run() -> None:
    record = json.loads(_record())
    people = record["outcome"]["facts"]["people"]["value"]
    assert people["run"] == "3"
    assert people["counts"] == [{"value": 900, "unit": "people", "bound": "at most", "as_of": "2026-06-25"}]
    assert record["versions"]["jp-appi-final"] == 1
    assert set(record["rules"]) == {place.file for place in load_rulebook().places.values()}
    assert record["diary"]["text"] == _DIARY.text


def test_rules_of_today_that_answer_otherwise_are_named() -> None:
    files = dict(list_rule_files())
    files["jp.yaml"] = files["jp.yaml"].replace(b"over: 1000, possible", b"over: 500, possible")
    again = replay(_record(), _kept(), rulebook_of(files.items()))
    assert again.same
    moved = {change.rule.id: change.moves for change in again.changes.duties}
    assert moved["jp-appi-7-4"] == (Move.NOW_APPLIES,)
    assert moved["jp-appi-final"] == (Move.NOW_APPLIES,)


def test_a_record_with_another_outcome_is_not_the_same() -> None:
    record = json.loads(_record())
    record["outcome"]["duties"][0]["answer"] = "applies"
    assert not replay(canonical(record), _kept(), load_rulebook()).same


def test_a_kept_file_of_rules_that_changed_is_refused() -> None:
    with pytest.raises(IntegrityError, match="not the one the decision was taken by"):
        replay(_record(), lambda sha256: _kept()(sha256) + b"# later\n", load_rulebook())


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff"])
def test_a_record_that_cannot_be_read_is_refused(content: bytes) -> None:
    with pytest.raises(IntegrityError):
        replay(content, _kept(), load_rulebook())


def test_a_record_of_a_newer_program_is_refused() -> None:
    record = json.loads(_record()) | {"format": 99}
    with pytest.raises(LawError, match="format 99"):
        replay(canonical(record), _kept(), load_rulebook())


@pytest.mark.parametrize(("by", "why"), [("", "because"), ("Dan", " ")])
def test_nobody_decides_without_name_and_reason(by: str, why: str) -> None:
    with pytest.raises(LawError, match="names who confirms it"):
        freeze(assessed(_DIARY, "2026-07-01"), Confirmation(by, why))
