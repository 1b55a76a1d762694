"""What is told of an alarm's plan is true of it; a part that holds something else is a person's matter."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from ashiato.rooms.accounts.api import LedgerEntry, add_staff
from ashiato.rooms.containing import api
from ashiato.rooms.watching.api import AlarmGroup, Composer, Message, RaisedAlarm, is_grave, policy_of
from ashiato.terms.alarms import Actor, ActorKind, Alarm, AlarmCode
from ashiato.terms.times import us_of
from ashiato.web import containing
from ashiato.web.containing import keep_once
from ashiato.web.guarding import ServerLink
from tests.rooms.containing.pens import NOW, Pen
from tests.web.handing_on import hand_on

pytestmark = pytest.mark.usefixtures("database")
_CODE = AlarmCode.CONTAINMENT_STUCK.value
_POLICY = policy_of({"receivers": {"duty": {"ways": [{"mail": "a@b.example"}]}}}, "UTC", "https://x.example")
#: The site's own trigger writes another word than the one that is declared.
_ODD = """
    CREATE TRIGGER odd AFTER UPDATE ON sessions WHEN NEW.ended = 1 AND NEW.name = 'a'
    BEGIN UPDATE sessions SET ended = 7 WHERE name = NEW.name; END
"""


@pytest.fixture
def pen(tmp_path: Path) -> Pen:
    return Pen(tmp_path / "site.sqlite3")


def _alarmed(pen: Pen, key: str = "k", session: str = "a") -> api.Plan:
    """A plan that answers an alarm about a session."""
    us = us_of(NOW)
    actors = (Actor("shop", ActorKind.SESSION, session),)
    alarm = Alarm(key, AlarmCode.PEOPLE_BUDGET, "budget", us, us, us, actors, 60, 30, 60, ("a.log:1",))
    assert hand_on(ServerLink("web-1", pen.clock, pen.means()), alarm)
    return api.Plan.objects.get(alarm_key=key)


def _told(key: str = "k") -> tuple[str, str]:
    return RaisedAlarm.objects.values_list("answer", "trouble").get(key=key)


def _message(group: AlarmGroup, language: str) -> str:
    policy = policy_of(
        {"receivers": {"duty": {"language": language, "ways": [{"mail": "a@b.example"}]}}},
        "UTC",
        "https://x.example",
    )
    message = Message(group=group, telling=1, receiver="duty", reference="r", made_at=NOW, not_before=NOW)
    return Composer(policy).compose(message, policy.receivers["duty"]).text


@pytest.mark.parametrize(("language", "said"), [("en", "about to stop it"), ("ja", "取りかかって")])
def test_what_is_told_while_somebody_is_being_stopped_is_not_that_nothing_is_done(
    pen: Pen, language: str, said: str
) -> None:
    """The site is touched after the alarm was raised: whoever is told at that moment hears what is true."""
    texts: list[str] = []

    def look() -> None:
        if not texts and RaisedAlarm.objects.exists():
            texts.append(_message(AlarmGroup.objects.get(), language))

    pen.before_each = look
    _alarmed(pen)
    assert said in texts[0]
    assert _told() == ("verified", "")


def test_where_no_plan_can_be_made_that_is_told(pen: Pen) -> None:
    pen.policy = api.Policy(automatic_reach=10, lasts=timedelta())
    us = us_of(NOW)
    actors = (Actor("shop", ActorKind.SESSION, "a"),)
    alarm = Alarm("k", AlarmCode.PEOPLE_BUDGET, "budget", us, us, us, actors, 60, 30, 60, ("a.log:1",))
    assert hand_on(ServerLink("web-1", pen.clock, pen.means()), alarm)
    assert _told() == ("failed", "no plan could be made: the guard's own log says why")


def test_a_plan_that_failed_is_told_as_failed_and_why(pen: Pen) -> None:
    away = pen.path.with_name("away")
    pen.path.rename(away)
    plan = _alarmed(pen)
    answer, trouble = _told()
    assert (plan.stand, answer) == (api.Stand.FAILED, "failed")
    assert trouble
    english = _message(AlarmGroup.objects.get(), "en")
    assert "tried to stop it and could not" in english
    assert trouble[:20] in english
    assert "できませんでした" in _message(AlarmGroup.objects.get(), "ja")
    away.rename(pen.path)
    keep_once(pen.means())
    assert (_told(), pen.ended()) == (("verified", ""), {"a"})
    api.undo(pen.means(), plan, add_staff("emi"), "honest")
    keep_once(pen.means())
    assert _told() == ("over", "")


@pytest.mark.slow
def test_what_a_part_holds_otherwise_is_left_to_a_person_and_told_once(pen: Pen) -> None:
    pen.write(_ODD)
    plan = _alarmed(pen)
    assert plan.stand == api.Stand.APPLYING
    for _ in range(9):
        keep_once(pen.means())
    plan.refresh_from_db()
    assert plan.stand == api.Stand.STUCK
    touched = [0]
    pen.before_each = lambda: touched.__setitem__(0, touched[0] + 1)
    keep_once(pen.means())
    pen.before_each = lambda: None
    assert touched == [0], "it is no more tried by itself"
    group = AlarmGroup.objects.get(kind__code=_CODE)
    assert (group.alarms, group.kind.system, is_grave(group, _POLICY)) == (1, "shop", True)
    assert f"contain apply {plan.pk}" in _message(group, "en")
    assert "人の確認が必要" in _message(group, "ja")
    assert LedgerEntry.objects.filter(verb="containment stuck").count() == 1
    pen.write("DROP TRIGGER odd")
    pen.write("UPDATE sessions SET ended = 0 WHERE name = 'a'")
    assert api.apply(pen.means(), plan, add_staff("emi")).stand == api.Stand.VERIFIED
    keep_once(pen.means())
    assert _told() == ("verified", "")


@pytest.mark.slow
def test_others_of_a_plan_stay_held_and_end_with_their_time(pen: Pen) -> None:
    plan = _alarmed(pen, session="b")
    pen.write("UPDATE sessions SET ended = 7 WHERE name = 'b'")
    keep_once(pen.means())
    plan.refresh_from_db()
    assert (plan.stand, _told()[0]) == (api.Stand.STUCK, "failed")
    assert not api.verify(pen.means(), plan)
    pen.clock.at = plan.until
    for _ in range(9):
        keep_once(pen.means())
    plan.refresh_from_db()
    assert (plan.stand, plan.ends_as) == (api.Stand.STUCK, api.Stand.EXPIRED)
    assert AlarmGroup.objects.filter(kind__code=_CODE).latest("pk").alarms == 2
    pen.write("UPDATE sessions SET ended = 1 WHERE name = 'b'")
    assert api.undo(pen.means(), plan, add_staff("emi"), "ours again").stand == api.Stand.UNDONE
    assert pen.ended() == set()


def test_a_fault_names_nobody(pen: Pen) -> None:
    plan = _alarmed(pen)
    plan.steps.update(stand=api.StepStand.FAILED, fault="no session a here", value="a here")
    assert api.trouble_of(plan) == "no session .."


def test_a_wish_that_fails_keeps_no_plan_from_ending_in_its_time(
    pen: Pen, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = _alarmed(pen)
    assert pen.ended() == {"a"}
    pen.clock.at = plan.until

    def fail(means: api.Means) -> int:
        raise OSError(means)

    monkeypatch.setattr(containing, "carry_out_asked", fail)
    with pytest.raises(OSError, match="Means"):
        keep_once(pen.means())
    assert (pen.ended(), _told()) == (set(), ("over", ""))
