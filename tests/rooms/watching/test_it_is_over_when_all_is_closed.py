"""Over is what is shown to be over: all that was used closed with proof, and evidence that reaches so far."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.engine.api import open_outcome
from ashiato.rooms.accounts.api import LedgerEntry, add_staff
from ashiato.rooms.cases.api import CaseFile, open_casefile
from ashiato.rooms.watching.api import (
    Foothold,
    FootholdKind,
    Footholds,
    Lacking,
    Proof,
    close_foothold,
    list_footholds,
    reopen_foothold,
    standing_over,
)
from ashiato.rooms.watching.over import Point, _lacking
from ashiato.terms.errors import ServerError
from ashiato.terms.times import moment_of, us_of
from tests.cli.sample_case import make_case
from tests.exports.sample_run import MINUTE, START

_NOW = moment_of(START) + timedelta(days=2)


def event(number: int, **changed: Any) -> dict[str, Any]:
    """A request of the sample run's system."""
    times = {"start_us": START + number * MINUTE, "end_us": START + number * MINUTE}
    return {"event_id": number, "event_kind": "http", "system": "shop", **times, **changed}


_ONE, _TWO = {"src_endpoint_ip": "203.0.113.7"}, {"src_endpoint_ip": "203.0.113.8"}
#: Sign-ins of two accounts, one refused; a session; a script left behind and one that was not there; a key.
_EVENTS = [
    event(1, event_kind="auth", actor_user_name="tried@x.example", status="failure", **_ONE),
    event(2, event_kind="auth", actor_user_name="taken@x.example", status="success", **_ONE),
    event(3, actor_session_uid="0123456789abcdef", http_response_code=200, **_TWO),
    event(4, actor_session_uid="refused", http_response_code=403, **_TWO),
    event(5, http_request_path="/up/c.php", http_response_code=200, **_TWO),
    event(6, http_request_path="/up/d.php", http_response_code=404, **_TWO),
    event(7, event_kind="sql", database_user_name="app", src_endpoint_ip="127.0.0.1"),
    event(8, event_kind="api", api_operation="CreateAccessKey", actor_user_credential_uid="AKIA123456"),
    # Turned away at the door, again and again, and one who never came further.
    event(10, http_response_code=403, **_ONE),
    event(11, http_response_code=444, **_ONE),
    event(12, http_response_code=444, src_endpoint_ip="203.0.113.9"),
    # Somebody honest, whose session is not the intruder's.
    event(9, actor_session_uid="honest", http_response_code=200, src_endpoint_ip="198.51.100.1"),
]
_PATH = {"path": "p1", "intruder": "i1", "technique": "T1078", "title": "Stolen account taken@x.example"}
_TABLES = {
    "events": _EVENTS,
    "intrusion": [
        {"event_id": number, "path": "p1", "intruder": "i1", "confidence": 1.0, "why": ""}
        for number in (*range(1, 9), 10, 11, 12)
    ],
    "paths": [_PATH],
    "findings": [
        {"finding_id": "f1", "technique": "T1505.003"},
        {"finding_id": "f2", "technique": "T1098.001"},
    ],
    "finding_events": [
        {"finding_id": "f1", "event_id": 5},
        {"finding_id": "f1", "event_id": 6},
        {"finding_id": "f2", "event_id": 8},
    ],
}


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Footholds:
    with open_outcome(make_case(tmp_path_factory.mktemp("over"), _TABLES)) as outcome:
        return list_footholds(outcome)


@pytest.fixture
def case(database: Path, tmp_path: Path) -> CaseFile:
    del database
    return open_casefile(tmp_path / "case", _NOW)


def test_what_was_gained_is_listed_and_what_was_refused_is_not(shown: Footholds) -> None:
    assert [(each.kind, each.value) for each in shown.found] == [
        ("way-in", "Stolen account taken@x.example"),
        ("shell", "/up/c.php"),
        ("made", "CreateAccessKey"),
        ("account", "taken@x.example"),
        ("key", "AKIA123456"),
        ("session", "0123456789abcdef"),
        ("database-role", "app"),
        ("address", "203.0.113.7"),
        ("address", "203.0.113.8"),
    ]  # fmt: skip
    assert [each.shown for each in shown.found if each.kind == "session"] == ["012345.."]
    knocked = next(each for each in shown.found if each.value == "203.0.113.7")
    assert (knocked.last_us, knocked.events) == (START + 2 * MINUTE, 2)
    assert shown.evidence_until_us == START + 12 * MINUTE


def test_it_is_over_once_each_is_closed_and_the_evidence_reaches_so_far(
    case: CaseFile, shown: Footholds
) -> None:
    aoi = add_staff("aoi")
    last = moment_of(START + 8 * MINUTE)
    for each in shown.found:
        assert standing_over(case, shown).lacking == Lacking.OPEN
        close_foothold(case, shown, each.key, Proof(last, "ended, and tried by Ben", aoi), _NOW)
    over = standing_over(case, shown)
    assert (over.lacking, over.left) == (None, ())
    assert over.last is not None
    assert (over.last.closed_at, over.last.who) == (last, aoi.name)
    with pytest.raises(ServerError, match="said closed already"):
        close_foothold(case, shown, shown.found[0].key, Proof(last, "ended, and tried by Ben", aoi), _NOW)
    assert LedgerEntry.objects.filter(verb="way closed").count() == len(shown.found)
    one = shown.found[0].key
    assert reopen_foothold(case, one, "it was another", aoi, _NOW)
    assert not reopen_foothold(case, one, "it was another", aoi, _NOW)
    assert standing_over(case, shown).last is None
    close_foothold(case, shown, one, Proof(_NOW, "mended, and tried by Ben", aoi), _NOW)
    assert standing_over(case, shown).lacking == Lacking.EVIDENCE_ENDS


def test_a_closing_that_later_evidence_belies_is_none(case: CaseFile, shown: Footholds) -> None:
    aoi, found = add_staff("aoi"), shown.found[0]
    closed_at = moment_of(found.last_us + MINUTE)
    close_foothold(case, shown, found.key, Proof(closed_at, "mended, and tried by Ben", aoi), _NOW)
    later = Foothold(found.kind, found.system, found.value, found.first_us, us_of(_NOW), 9)
    again = Footholds(2, False, us_of(_NOW), (later,))
    (point,) = standing_over(case, again).points
    assert point.is_used_again
    assert standing_over(case, again).lacking == Lacking.OPEN
    at = _NOW + timedelta(hours=1)
    close_foothold(case, again, found.key, Proof(at, "mended indeed, tried by Ben", aoi), at)
    assert standing_over(case, again).left == ()


@pytest.mark.parametrize(
    ("key", "closed_at", "words"),
    [
        ("0000000000000000", _NOW, "ended, and tried by Ben"),
        ("", _NOW, "no"),
        ("", _NOW + timedelta(seconds=1), "ended, and tried by Ben"),
        ("", moment_of(START), "ended, and tried by Ben"),
    ],
)
def test_what_proves_nothing_is_refused(
    case: CaseFile, shown: Footholds, key: str, closed_at: datetime, words: str
) -> None:
    proof = Proof(closed_at, words, add_staff("aoi"))
    with pytest.raises(ServerError):
        close_foothold(case, shown, key or shown.found[0].key, proof, _NOW)
    assert len(standing_over(case, shown).left) == len(shown.found)


@given(st.lists(st.booleans(), max_size=6), st.booleans(), st.one_of(st.none(), st.integers(0, 100)))
def test_over_is_said_of_nothing_less(closed: list[bool], is_stale: bool, until_us: int | None) -> None:
    class _Said:
        closed_at = moment_of(50)

    found = [Foothold(FootholdKind.ADDRESS, "shop", str(number), 0, 10, 1) for number in range(len(closed))]
    said: Any = _Said()
    points = tuple(Point(each, said if yes else None) for each, yes in zip(found, closed, strict=True))
    lacking = _lacking(Footholds(1, is_stale, until_us, tuple(found)), points)
    is_shown = not is_stale and closed != [] and all(closed) and until_us is not None and until_us >= 50
    assert (lacking is None) == is_shown
