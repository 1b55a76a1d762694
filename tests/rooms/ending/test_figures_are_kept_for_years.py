"""From a case's hostile lines, a guard's alarm and a plan: time figures, and what the plan holds closed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ashiato.engine.api import Case, open_outcome
from ashiato.exports.report.contents import contents_of
from ashiato.exports.report.page import render_page
from ashiato.exports.report.paper import render_paper
from ashiato.exports.times import Left, Source, Times, read_times
from ashiato.exports.words import Language
from ashiato.exports.writing import facts_of
from ashiato.rooms.accounts.api import add_staff
from ashiato.rooms.cases.api import CaseFile, open_casefile
from ashiato.rooms.containing import api as containing
from ashiato.rooms.ending.api import list_times, standing_of, take_times
from ashiato.rooms.ending.used import Used
from ashiato.rooms.watching.api import Foothold, FootholdKind, RaisedAlarm, list_footholds, raise_alarm
from ashiato.terms.alarms import Actor, ActorKind, Alarm, AlarmCode
from ashiato.terms.counts import Bound
from ashiato.terms.times import moment_of
from tests.cli.sample_case import make_case
from tests.exports.sample_run import MINUTE, START
from tests.rooms.containing.pens import Hourglass, Pen, wishes

#: The intruder's session asks at minutes 1 to 4; somebody honest at minute 9.
_SHOP = {"event_kind": "http", "system": "shop", "http_response_code": 200}
_ASKED = [
    {"event_id": n, "start_us": START + n * MINUTE, "end_us": START + n * MINUTE, **_SHOP}
    for n in (1, 2, 3, 4)
]
_HONEST = {"event_id": 9, "start_us": START + 9 * MINUTE, "end_us": START + 9 * MINUTE, **_SHOP}
_EXPOSED = {"system": "shop", "table_name": "members", "path": "p1", "field": "members.name", "rung": "L3",
            "part": None, "reasons": "", "grade": 4}  # fmt: skip
_TABLES: dict[str, list[dict[str, Any]]] = {
    "events": [*(each | {"actor_session_uid": "a"} for each in _ASKED), _HONEST],
    "intrusion": [
        {"event_id": each["event_id"], "path": "p1", "intruder": "i1", "confidence": 1.0, "why": ""}
        for each in _ASKED
    ],
    "paths": [],
    "findings": [],
    "finding_events": [],
    "exposures": [_EXPOSED | {"record_key": key} for key in "12"],
    "proofs": [
        {"system": "shop", "table_name": "members", "record_key": key, "path": "p1", "event_id": event,
         "shows": "returned"}
        for key, event in (("1", 1), ("2", 4))
    ],
}  # fmt: skip


def _minute(number: float) -> Any:
    return moment_of(int(START + number * MINUTE))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return make_case(tmp_path_factory.mktemp("ending"), _TABLES)


@pytest.fixture
def case(made: Case, database: Path) -> Iterator[CaseFile]:
    del database
    yield open_casefile(made.folder, _minute(0))
    (made.folder / "times.json").unlink(missing_ok=True)


@pytest.fixture
def pen(tmp_path: Path) -> Pen:
    return Pen(tmp_path / "site", Hourglass(_minute(5)))


def _alarm(key: str, minute: float, value: str = "a") -> Alarm:
    us = int(START + minute * MINUTE)
    actors = (Actor("shop", ActorKind.SESSION, value),)
    return Alarm(key, AlarmCode.PEOPLE_BUDGET, "budget", us, us, us, actors, 60, 30, 60, ("a.log:1",))


def _taken(case: CaseFile) -> Times:
    return take_times(case, _minute(20))


def test_each_figure_has_its_moment_source_and_bound(case: CaseFile, pen: Pen) -> None:
    unknown = _taken(case)
    assert [unknown.first_alert.source, unknown.contained.source] == [Source.NO_ALARM, Source.NO_CONTAINMENT]
    assert (unknown.before_alert, unknown.before_containment, unknown.after_containment) == (None,) * 3
    raise_alarm(_alarm("other", 1.5, "honest"), _minute(5))
    raise_alarm(_alarm("later", 3), _minute(5))
    raise_alarm(_alarm("first", 2), _minute(5))
    plan = containing.propose(pen.means(), wishes("a"), containing.Cause("walk", alarm_key="first"))
    times = _taken(case)
    assert (times.first_hostile.at, times.first_hostile.source) == (_minute(1), Source.LINE)
    assert times.first_hostile.reference.endswith("access.log:1")
    assert (times.first_alert.at, times.first_alert.source) == (_minute(2), Source.ALARM)
    assert (times.contained.at, times.contained.reference) == (_minute(5), str(plan.pk))
    assert (times.contained.bound, times.verified.at) == (Bound.AT_MOST, _minute(5))
    assert times.before_alert == times.before_containment == Left(1, 1)
    assert times.after_containment == Left(0, 0)


def test_what_was_used_after_a_plan_was_not_contained_by_it(case: CaseFile, pen: Pen) -> None:
    pen.clock.at = _minute(2.5)
    containing.propose(pen.means(), wishes("a"), containing.Cause("walk", alarm_key="first"))
    times = _taken(case)
    assert (times.contained.at, times.contained.bound) == (_minute(2.5), Bound.AT_LEAST)
    assert times.after_containment == Left(1, 1)


def test_evidence_that_ends_before_leaves_the_upper_bound_open(case: CaseFile, pen: Pen) -> None:
    raise_alarm(_alarm("first", 2), _minute(5))
    pen.clock.at = _minute(10)
    containing.propose(pen.means(), wishes("a"), containing.Cause("walk", alarm_key="first"))
    times = _taken(case)
    assert times.contained.bound == Bound.AT_LEAST
    assert times.before_alert == Left(1, 1)
    assert (times.before_containment, times.after_containment) == (Left(1, None), Left(0, None))


@pytest.mark.slow
def test_figures_outlive_names_and_folder_and_stand_in_the_report(
    case: CaseFile, pen: Pen, made: Case, tmp_path: Path
) -> None:
    raise_alarm(_alarm("first", 2), _minute(5))
    plan = containing.propose(pen.means(), wishes("a"), containing.Cause("walk", alarm_key="first"))
    times = _taken(case)
    plan.steps.update(value="", tried="")
    RaisedAlarm.objects.update(actors=[])
    again = _taken(case)
    assert (again.first_alert, again.contained, again.verified) == (
        times.first_alert, times.contained, times.verified,
    )  # fmt: skip
    assert read_times(made.folder) == again
    with open_outcome(made) as outcome:
        facts = facts_of(outcome)
        told = replace(facts, times=again)
        assert contents_of(facts, Language.EN)["times"] == []
        assert f"plan {plan.pk}" in render_page(told, Language.EN)
        assert render_paper(told, Language.JA).startswith(b"%PDF")
    copy = tmp_path / "gone"
    shutil.copytree(made.folder, copy)
    gone = open_casefile(copy, _minute(0))
    take_times(gone, _minute(20))
    shutil.rmtree(copy)
    assert [name for name, _ in list_times()] == sorted([case.name, gone.name])


@pytest.mark.slow
def test_a_verified_plan_holds_what_it_stopped_until_it_is_taken_back(
    case: CaseFile, pen: Pen, made: Case
) -> None:
    with open_outcome(made) as outcome:
        shown = list_footholds(outcome)
    (session,) = [each for each in shown.found if each.kind is FootholdKind.SESSION]

    def closed() -> str | None:
        (point,) = [each for each in standing_of(case, shown).points if each.foothold.key == session.key]
        return point.closing.plan if point.closing and point.is_closed else None

    plan = containing.propose(pen.means(), wishes("b", "a"), containing.Cause("walk", alarm_key="first"))
    assert (plan.stand, closed()) == (containing.Stand.VERIFIED, str(plan.pk))
    pen.write("UPDATE sessions SET ended = 0 WHERE name = 'a'")
    containing.verify(pen.means(), plan)
    assert closed() is None, "its last try was not stopped"
    containing.take_round(pen.means())
    containing.verify(pen.means(), plan)
    assert closed() == str(plan.pk)
    containing.undo(pen.means(), plan, add_staff("emi"), "password changed")
    assert closed() is None
    assert _taken(case).contained.source == Source.NO_CONTAINMENT
    later = containing.propose(pen.means(), wishes("a"), containing.Cause("walk", alarm_key="second"))
    assert closed() == str(later.pk)
    pen.clock.at += timedelta(hours=2)
    containing.take_round(pen.means())
    assert closed() is None, "its time is over"


@pytest.mark.parametrize(
    ("kind", "value", "is_meant"),
    [
        ("address", "203.0.113.7", True),
        ("address", "::ffff:203.0.113.7", True),
        ("network", "203.0.113.0/24", True),
        ("network", "203.0.112.0/24", False),
        ("network", "2001:db8::/32", False),
        ("address", "x' OR 1=1", False),
        ("network", "", False),
        ("session", "203.0.113.7", False),
        ("nothing", "203.0.113.7", False),
    ],
)
def test_an_address_is_meant_by_itself_and_by_its_network(kind: str, value: str, is_meant: bool) -> None:
    used = Used([Foothold(FootholdKind.ADDRESS, "shop", "203.0.113.7", 0, 1, 1)])
    assert bool(used.named("shop", kind, value)) == is_meant
    assert not used.named("other", kind, value)
