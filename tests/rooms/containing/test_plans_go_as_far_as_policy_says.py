"""What goes by itself, what takes one person or two, whom nobody may stop, and the stop of everything."""

from __future__ import annotations

import multiprocessing
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from ashiato.outside.controls.nftables import Nftables
from ashiato.outside.controls.targets import Target, TargetKind, checked_target
from ashiato.rooms.accounts.api import LedgerEntry, Staff, add_staff, find_break
from ashiato.rooms.containing import api, carrying
from ashiato.rooms.containing.proposing import make_plan
from ashiato.terms.errors import ServerError
from tests.rooms.at_once import together
from tests.rooms.containing.pens import Pen, wishes

pytestmark = pytest.mark.usefixtures("database")
CAUSE = api.Cause("page walk", alarm_key="k")


@pytest.fixture
def pen(tmp_path: Path) -> Pen:
    return Pen(tmp_path / "site")


@pytest.fixture
def aoi() -> Staff:
    return add_staff("aoi")


@pytest.fixture
def emi() -> Staff:
    return add_staff("emi")


def _step(plan: api.Plan) -> api.Step:
    return plan.steps.get()


def test_within_the_reach_it_goes_by_itself_once(pen: Pen) -> None:
    plan = api.propose(pen.means(), wishes("a", "b", reach=5), CAUSE)
    assert (plan.stand, plan.reach, plan.is_automatic) == (api.Stand.VERIFIED, 10, True)
    assert pen.ended() == {"a", "b"}
    again = api.propose(pen.means(), wishes("a", "b", "c"), CAUSE)
    assert again.pk == plan.pk
    assert pen.ended() == {"a", "b"}
    verbs = list(LedgerEntry.objects.order_by("pk").values_list("verb", flat=True))
    told = ["proposed", "approved", "begun", "applied", "tried"]
    assert verbs == [f"containment {verb}" for verb in told]
    assert find_break() is None


@pytest.mark.parametrize("reach", [11, None], ids=["too far", "not known"])
def test_above_the_reach_two_different_persons_say_so(
    pen: Pen, aoi: Staff, emi: Staff, reach: int | None
) -> None:
    plan = api.propose(pen.means(), wishes("a", reach=reach), CAUSE)
    assert plan.stand == api.Stand.PROPOSED
    assert api.approve(plan, aoi, pen.clock.now()).stand == api.Stand.PROPOSED
    with pytest.raises(ServerError, match="somebody else"):
        api.approve(plan, aoi, pen.clock.now())
    with pytest.raises(ServerError, match="is proposed"):
        api.apply(pen.means(), plan, aoi)
    api.take_round(pen.means())
    assert pen.ended() == set()
    assert api.approve(plan, emi, pen.clock.now()).stand == api.Stand.APPROVED
    assert api.apply(pen.means(), plan, emi).stand == api.Stand.VERIFIED
    assert pen.ended() == {"a"}
    with pytest.raises(ServerError, match="is verified"):
        api.apply(pen.means(), plan, emi)


def test_what_a_person_proposes_waits_for_a_person(pen: Pen, aoi: Staff) -> None:
    plan = api.propose(pen.means(), wishes("a"), api.Cause("ticket 7", by=aoi))
    assert (plan.stand, plan.approvals_needed, pen.ended()) == (api.Stand.PROPOSED, 1, set())
    refused = api.refuse(plan, aoi, "our own scan", pen.clock.now())
    assert refused.stand == api.Stand.REFUSED
    with pytest.raises(ServerError, match="is refused"):
        api.approve(plan, aoi, pen.clock.now())


def test_an_approved_plan_is_refused_until_something_is_touched(pen: Pen, aoi: Staff, emi: Staff) -> None:
    first, second = (
        api.propose(pen.means(), wishes(who, reach=10), api.Cause("ticket 7", by=aoi)) for who in "ab"
    )
    for plan in (first, second):
        api.approve(plan, emi, pen.clock.now())
    api.ask_for(first, api.Deed.APPLY, emi, pen.clock.now())
    assert api.refuse(first, aoi, "our own scan", pen.clock.now()).stand == api.Stand.REFUSED
    api.carry_out_asked(pen.means())
    assert pen.ended() == set()
    with pytest.raises(ServerError, match="is refused"):
        api.apply(pen.means(), first, emi)
    api.apply(pen.means(), second, emi)
    with pytest.raises(ServerError, match="is verified"):
        api.refuse(second, aoi, "our own scan", pen.clock.now())
    assert pen.ended() == {"b"}


def test_a_plan_refused_just_before_it_goes_by_itself_costs_no_other(
    pen: Pen, aoi: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever proposed them died before they were applied, and a person is quicker than the round."""
    for who in "ab":
        make_plan(pen.means(), wishes(who), replace(CAUSE, alarm_key=who))
    begin = carrying.begin_applying

    def a_person_first(means: api.Means, plan: api.Plan, by: Staff) -> None:
        if plan == api.Plan.objects.earliest("pk"):
            api.refuse(plan, aoi, "our own scan", pen.clock.now())
        begin(means, plan, by)

    monkeypatch.setattr(carrying, "begin_applying", a_person_first)
    api.take_round(pen.means())
    assert pen.ended() == {"b"}


def test_beyond_the_most_nobody_may(pen: Pen) -> None:
    pen.policy = api.Policy(automatic_reach=10, most_reach=100)
    assert api.propose(pen.means(), wishes("a", reach=101), CAUSE).stand == api.Stand.REFUSED


def test_many_targets_do_not_go_by_themselves(pen: Pen) -> None:
    pen.policy = api.Policy(automatic_reach=10, most_targets=2)
    assert api.propose(pen.means(), wishes("a", "b", "c"), CAUSE).stand == api.Stand.PROPOSED


def test_without_a_policy_nothing_goes_by_itself(pen: Pen) -> None:
    pen.policy = api.Policy()
    plan = api.propose(pen.means(), wishes("a", reach=0), CAUSE)
    assert (plan.stand, plan.approvals_needed) == (api.Stand.PROPOSED, 2)


def test_once_stopped_nothing_goes_by_itself_until_lifted(pen: Pen, aoi: Staff, emi: Staff) -> None:
    held = api.propose(pen.means(), wishes("a"), CAUSE)
    for _ in range(2):
        api.stop_all(emi, "it blocks customers", pen.clock.now())
    waits = api.propose(pen.means(), wishes("b"), api.Cause("walk", alarm_key="k2"))
    api.take_round(pen.means())
    assert (waits.stand, pen.ended()) == (api.Stand.PROPOSED, {"a"})
    pen.clock.at = held.until
    api.take_round(pen.means())
    assert pen.ended() == set()
    with pytest.raises(ServerError, match="takes a reason"):
        api.lift(aoi, " ", pen.clock.now())
    api.lift(aoi, "rule corrected", pen.clock.now())
    with pytest.raises(ServerError, match="not stopped"):
        api.lift(aoi, "again", pen.clock.now())
    assert api.propose(pen.means(), wishes("c"), api.Cause("walk", alarm_key="k3")).is_automatic
    assert pen.ended() == {"c"}


def test_it_ends_at_its_time_and_a_clock_that_jumps_back_ends_nothing_early(pen: Pen) -> None:
    plan = api.propose(pen.means(), wishes("a"), CAUSE)
    pen.clock.at -= timedelta(days=1)
    api.take_round(pen.means())
    assert pen.ended() == {"a"}
    pen.clock.at = plan.until
    api.take_round(pen.means())
    plan.refresh_from_db()
    assert (plan.stand, pen.ended()) == (api.Stand.EXPIRED, set())


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("address", "192.0.2.7", "within"),
        ("network", "192.0.2.128/25", "within"),
        ("network", "192.0.0.0/16", "holds 192.0.2.0/24"),
        ("network", "127.0.0.0/8", "this machine"),
        ("session", "s-health", "named under"),
    ],
)
def test_whom_nobody_may_stop_is_spared_and_said(
    pen: Pen, aoi: Staff, kind: str, value: str, said: str
) -> None:
    pen.policy = api.Policy(
        automatic_reach=10, networks=(ip_network("192.0.2.0/24"),),
        never={TargetKind.SESSION: frozenset({"s-health"})},
    )  # fmt: skip
    means = pen.means(filter=Nftables(netns="nowhere"))
    wish = api.Wish(checked_target("shop", kind, value), 1)
    plan = api.propose(means, [wish, *wishes("a")], api.Cause("walk", by=aoi))
    spared = plan.steps.get(value=value)
    assert spared.stand == api.StepStand.SPARED
    assert said in spared.fault
    alone = api.propose(means, [wish], api.Cause("walk", by=aoi))
    assert alone.stand == api.Stand.REFUSED


def test_a_crawler_is_spared_whose_name_leads_back_to_it() -> None:
    names = {"198.51.100.1": ["crawl-1.bot.example"], "198.51.100.2": ["crawl-1.bot.example"],
             "198.51.100.3": ["bot.example.evil.test"]}  # fmt: skip
    resolver = api.Resolver(lambda address: names.get(address, []), lambda _: ["198.51.100.1"])
    policy = api.Policy(crawlers=("bot.example",))
    spared = [policy.spares(_address(f"198.51.100.{last}"), resolver) != "" for last in range(1, 5)]
    assert spared == [True, False, False, False]
    assert api.Policy().spares(_address("198.51.100.1"), resolver) == ""


def _address(value: str) -> Target:
    return checked_target("shop", "address", value)


def test_who_became_never_between_approval_and_act_is_spared(pen: Pen, aoi: Staff) -> None:
    plan = api.propose(pen.means(), wishes("a", "b"), api.Cause("walk", by=aoi))
    api.approve(plan, aoi, pen.clock.now())
    pen.policy = api.Policy(automatic_reach=10, never={TargetKind.SESSION: frozenset({"a"})})
    api.apply(pen.means(), plan, aoi)
    assert pen.ended() == {"b"}
    assert plan.steps.get(value="a").stand == api.StepStand.SPARED


def test_a_second_plan_takes_a_target_over_and_gives_back_what_was_first(pen: Pen, emi: Staff) -> None:
    first = api.propose(pen.means(), wishes("a"), CAUSE)
    second = api.propose(pen.means(), wishes("a"), api.Cause("walk", alarm_key="k2"))
    assert _step(first).stand == api.StepStand.TAKEN_OVER
    api.undo(pen.means(), first, emi, "the newer one holds it")
    assert pen.ended() == {"a"}
    api.undo(pen.means(), second, emi, "over")
    assert pen.ended() == set()


def test_a_shorter_plan_ends_no_longer_one(pen: Pen) -> None:
    until = pen.clock.now() + timedelta(days=7)
    longer = api.propose(pen.means(), wishes("a"), api.Cause("walk", alarm_key="long", until=until))
    short = api.propose(pen.means(), wishes("a", "b"), CAUSE)
    assert (short.stand, pen.ended()) == (api.Stand.VERIFIED, {"a", "b"})
    pen.clock.at += timedelta(hours=2)
    api.take_round(pen.means())
    assert pen.ended() == {"a"}
    assert _step(longer).stand == api.StepStand.HELD
    pen.clock.at = until
    api.take_round(pen.means())
    assert pen.ended() == set()


def test_what_somebody_else_changed_is_left_and_told(pen: Pen, emi: Staff) -> None:
    plan = api.propose(pen.means(), wishes("a"), CAUSE)
    pen.write("UPDATE sessions SET ended = 7 WHERE name = 'a'")
    assert api.undo(pen.means(), plan, emi, "over").stand == api.Stand.UNDOING
    assert "somebody else" in _step(plan).fault
    pen.write("UPDATE sessions SET ended = 0 WHERE name = 'a'")
    api.take_round(pen.means())
    plan.refresh_from_db()
    assert plan.stand == api.Stand.UNDONE


def test_a_session_that_the_site_forgot_keeps_no_plan_from_ending(pen: Pen, emi: Staff) -> None:
    plan = api.propose(pen.means(), wishes("a", "b"), CAUSE)
    pen.write("DELETE FROM sessions WHERE name = 'a'")
    api.take_round(pen.means())
    assert api.undo(pen.means(), plan, emi, "over").stand == api.Stand.UNDONE
    assert pen.ended() == set()


def test_a_session_that_comes_to_be_under_a_plan_is_not_called_stopped(pen: Pen) -> None:
    plan = api.propose(pen.means(), wishes("new"), CAUSE)
    pen.write("INSERT INTO sessions VALUES ('new', 0)")
    api.take_round(pen.means())
    assert "somebody else" in _step(plan).fault
    assert _step(plan).is_blocked is None


def test_what_was_lost_is_put_again(pen: Pen) -> None:
    api.propose(pen.means(), wishes("a", "b"), CAUSE)
    pen.write("UPDATE sessions SET ended = 0 WHERE name = 'a'")
    api.take_round(pen.means())
    assert pen.ended() == {"a", "b"}


def test_a_part_that_refuses_one_stops_the_others_and_is_tried_again(pen: Pen) -> None:
    pen.write(
        "CREATE TRIGGER no BEFORE UPDATE ON sessions WHEN new.name = 'b' BEGIN SELECT raise(ABORT, 'no'); END"
    )
    plan = api.propose(pen.means(), wishes("a", "b", "c"), CAUSE)
    assert (plan.stand, pen.ended()) == (api.Stand.FAILED, {"a", "c"})
    assert plan.steps.get(value="b").stand == api.StepStand.FAILED
    pen.write("DROP TRIGGER no")
    api.take_round(pen.means())
    plan.refresh_from_db()
    assert (plan.stand, pen.ended()) == (api.Stand.VERIFIED, {"a", "b", "c"})


def test_a_part_that_is_away_is_in_doubt_until_it_is_back(pen: Pen, emi: Staff) -> None:
    plan = api.propose(pen.means(), wishes("a"), CAUSE)
    hidden = pen.path.rename(pen.path.with_name("away"))
    assert api.undo(pen.means(), plan, emi, "over").stand == api.Stand.UNDOING
    assert _step(plan).stand == api.StepStand.HELD
    hidden.rename(pen.path)
    api.take_round(pen.means())
    plan.refresh_from_db()
    assert (plan.stand, pen.ended()) == (api.Stand.UNDONE, set())


def test_of_two_guards_one_acts(pen: Pen) -> None:
    def guard(number: int) -> bool:
        plan = api.propose(pen.means(), wishes("a", "b"), CAUSE)
        return number >= 0 and plan.pk is not None

    assert together(guard) >= 1
    assert api.Plan.objects.count() == 1
    api.take_round(pen.means())
    assert api.Plan.objects.get().stand == api.Stand.VERIFIED
    verbs = list(LedgerEntry.objects.values_list("verb", flat=True))
    assert verbs.count("containment begun") == 1


def test_another_process_that_does_not_end_is_told_and_its_death_lets_go(pen: Pen) -> None:
    means, context = pen.means(), multiprocessing.get_context("fork")
    mine, theirs = context.Pipe()

    def hold() -> None:
        with means.one_at_a_time():
            theirs.send("held")
            theirs.recv()

    other = context.Process(target=hold)
    other.start()
    assert mine.recv() == "held"
    with pytest.raises(ServerError, match="does not end"):
        api.take_round(means)
    other.kill()
    other.join()
    assert api.take_round(means) == 0
