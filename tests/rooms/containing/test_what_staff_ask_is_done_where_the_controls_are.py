"""What staff ask of a plan is done by whoever looks after plans on the machine of the controls, and once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from ashiato.rooms.accounts.api import LedgerEntry, Staff, add_staff, find_break
from ashiato.rooms.containing import api
from ashiato.terms.errors import ServerError
from tests.rooms.containing.pens import NOW, Pen, wishes

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def pen(tmp_path: Path) -> Pen:
    return Pen(tmp_path / "site")


def _proposed(pen: Pen, *names: str, by: Staff | None = None) -> api.Plan:
    return api.propose(
        pen.means(), wishes(*names, reach=None), api.Cause("ticket 7", by=by or add_staff("aoi"))
    )


def _approved(pen: Pen, *names: str) -> api.Plan:
    plan = _proposed(pen, *names)
    for name in ("aoi", "emi"):
        api.approve(plan, add_staff(name), NOW)
    return plan


def test_a_plan_that_waits_is_looked_at_once_and_nothing_changes(pen: Pen) -> None:
    plan = _proposed(pen, "a", "b")
    assert api.carry_out_asked(pen.means()) == 1
    assert [step.shown for step in plan.steps.order_by("pk")] == [
        "session a: held: 0 -> 1", "session b: held: 0 -> 1",
    ]  # fmt: skip
    assert pen.ended() == set()
    assert api.carry_out_asked(pen.means()) == 0
    pen.write("UPDATE sessions SET ended = 1 WHERE name = 'b'")
    api.ask_for(plan, api.Deed.LOOK, add_staff("emi"), NOW)
    api.carry_out_asked(pen.means())
    assert plan.steps.latest("pk").shown == "session b: nothing changes"


def test_applied_tried_and_taken_back_at_the_word_of_staff(pen: Pen) -> None:
    plan, emi = _approved(pen, "a"), add_staff("emi")
    api.ask_for(plan, api.Deed.APPLY, emi, NOW)
    assert pen.ended() == set()
    api.carry_out_asked(pen.means())
    plan.refresh_from_db()
    assert (plan.stand, plan.asked, plan.answer, pen.ended()) == (api.Stand.VERIFIED, "", "", {"a"})
    api.ask_for(plan, api.Deed.VERIFY, emi, NOW)
    api.carry_out_asked(pen.means())
    api.ask_for(plan, api.Deed.UNDO, emi, NOW, "an honest customer")
    with pytest.raises(ServerError, match="waits to undo"):
        api.ask_for(plan, api.Deed.VERIFY, add_staff("aoi"), NOW)
    api.carry_out_asked(pen.means())
    plan.refresh_from_db()
    assert (plan.stand, pen.ended()) == (api.Stand.UNDONE, set())
    told = LedgerEntry.objects.filter(staff=emi).order_by("pk").values_list("verb", flat=True)
    assert [verb.removeprefix("containment ") for verb in told] == [
        "approved", "asked to apply", "begun", "asked to verify", "asked to undo", "undoing",
    ]  # fmt: skip
    assert find_break() is None


def test_nothing_is_asked_of_a_plan_that_does_not_stand_so(pen: Pen) -> None:
    plan, emi = _proposed(pen, "a"), add_staff("emi")
    for deed in (api.Deed.APPLY, api.Deed.VERIFY, api.Deed.UNDO):
        with pytest.raises(ServerError, match="is proposed"):
            api.ask_for(plan, deed, emi, NOW, "why")
    with pytest.raises(ServerError, match="is over"):
        api.ask_for(plan, api.Deed.LOOK, emi, plan.until + timedelta(seconds=1))
    done = _approved(pen, "b")
    api.apply(pen.means(), done, emi)
    with pytest.raises(ServerError, match="takes a reason"):
        api.ask_for(done, api.Deed.UNDO, emi, NOW, " ")
    assert not api.Plan.objects.exclude(asked="").exists()


def test_of_a_plan_that_moved_on_nothing_is_left_to_do(pen: Pen) -> None:
    plan, emi = _approved(pen, "a"), add_staff("emi")
    api.ask_for(plan, api.Deed.APPLY, emi, NOW)
    api.apply(pen.means(), plan, emi)
    api.undo(pen.means(), plan, emi, "a mistake")
    api.carry_out_asked(pen.means())
    plan.refresh_from_db()
    assert (plan.stand, plan.asked, plan.answer, pen.ended()) == (api.Stand.UNDONE, "", "", set())


def test_what_the_machine_has_no_control_for_waits_for_another(pen: Pen) -> None:
    plan = _approved(pen, "a")
    api.ask_for(plan, api.Deed.APPLY, add_staff("emi"), NOW)
    api.Plan.objects.update(machine="another machine")
    assert api.carry_out_asked(pen.means()) == 0
    api.Plan.objects.update(machine="")
    plan.steps.update(control="nftables")
    assert api.carry_out_asked(pen.means()) == 0
    plan.refresh_from_db()
    assert plan.asked == api.Deed.APPLY


def test_why_a_deed_was_not_done_is_told_with_the_plan(pen: Pen) -> None:
    plan, means = _approved(pen, "a"), pen.means()
    api.ask_for(plan, api.Deed.APPLY, add_staff("emi"), NOW)
    with means.one_at_a_time():
        api.carry_out_asked(pen.means())
    plan.refresh_from_db()
    assert (plan.stand, plan.answer) == (api.Stand.APPROVED, "another process is containing and does not end")
    assert plan.asked == ""
