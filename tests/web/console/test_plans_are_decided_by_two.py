"""Plans to stop somebody are proposed, shown, approved by two, applied and taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ashiato.engine.api import Case
from ashiato.outside.controls.targets import TargetKind, checked_target
from ashiato.rooms.accounts.api import LedgerEntry
from ashiato.rooms.cases.api import CaseFile, Role
from ashiato.rooms.containing import api
from ashiato.rooms.containing.policy import Policy
from ashiato.web.configuration import Configuration
from tests.rooms.containing.pens import STATEMENTS, Pen, wishes
from tests.web.api.programs import program, token_of
from tests.web.console.scenes import casefile, proven, signed_in, staff_named

pytestmark = pytest.mark.usefixtures("database")
_SEATS = {"aoi": Role.LEAD, "ben": Role.AUDITOR, "emi": Role.ANALYST}
_FORM = {
    "system": "shop", "kind": "session", "targets": "a\r\n b \n\na", "why": "ticket 7", "minutes": "90",
}  # fmt: skip


@pytest.fixture
def pen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pen:
    """A site whose sessions the server's file names a control for."""
    made = Pen(tmp_path / "site")
    made.clock.at = timezone.now()
    site = {
        "kind": "sessions-sql",
        "database": {"engine": "sqlite", "name": str(made.path)},
        **{name: getattr(STATEMENTS, name) for name in ("look", "stop", "restore", "stopped")},
    }
    never = {"networks": ["192.0.2.0/24"], "sessions": ["h"]}
    said = {"containment": {"controls": {"site": site}, "policy": {"never": never}}}
    monkeypatch.setattr(settings, "CONFIGURATION", Configuration(tmp_path, said=said))
    return made


@pytest.fixture
def case(investigated: Case, pen: Pen) -> CaseFile:
    del pen
    return casefile(investigated.folder, *((staff_named(name), role) for name, role in _SEATS.items()))


def _client(name: str) -> Client:
    return proven(staff_named(name))


def _at(case: CaseFile, name: str, *number: int) -> str:
    return reverse(name, args=[case.name, *number])


def _page(client: Client, address: str) -> str:
    return client.get(address).content.decode()


@pytest.mark.slow
def test_proposed_shown_approved_applied_and_taken_back(case: CaseFile, pen: Pen) -> None:
    aoi, emi = _client("aoi"), _client("emi")
    assert "192.0.2.0/24" in _page(aoi, _at(case, "plans"))
    aoi.post(_at(case, "propose_plan"), _FORM)
    plan = api.Plan.objects.get()
    there = [case.name, plan.pk]
    assert [step.value for step in plan.steps.order_by("pk")] == ["a", "b"]
    assert (plan.approvals_needed, round((plan.until - plan.proposed_at).seconds / 60)) == (2, 90)
    aoi.post(_at(case, "approve_plan", plan.pk))
    assert not plan.approvals.exists()
    api.carry_out_asked(pen.means())
    page = _page(aoi, reverse("plan", args=there))
    assert "session a..: held: 0 -&gt; 1" in page
    aoi.post(_at(case, "approve_plan", plan.pk))
    again = aoi.post(_at(case, "approve_plan", plan.pk), follow=True, HTTP_ACCEPT_LANGUAGE="ja")
    assert "をすでに承認しています。 対処: 別の人の承認が必要です。" in again.content.decode()
    emi.post(_at(case, "approve_plan", plan.pk))
    emi.post(_at(case, "ask_deed", plan.pk), {"deed": "apply"})
    assert "data-over" not in _page(emi, _at(case, "plan_state", plan.pk))
    assert pen.ended() == set()
    api.carry_out_asked(pen.means())
    page = _page(_client("ben"), reverse("plan", args=there))
    assert ("Verified" in page, "shown to be stopped" in page) == (True, True)
    assert _at(case, "ask_deed", plan.pk) not in page
    assert pen.ended() == {"a", "b"}
    emi.post(_at(case, "ask_deed", plan.pk), {"deed": "undo", "why": "no"})
    emi.post(_at(case, "ask_deed", plan.pk), {"deed": "undo", "why": "an honest customer"})
    api.carry_out_asked(pen.means())
    assert pen.ended() == set()
    assert f"plans/{plan.pk}/" not in _page(aoi, _at(case, "plans"))
    assert f"plans/{plan.pk}/" in _page(aoi, _at(case, "plans") + "?all=1")


@pytest.mark.slow
def test_what_changes_something_takes_a_role_and_a_fresh_second_factor(case: CaseFile, pen: Pen) -> None:
    plan = api.propose(pen.means(), wishes("a", reach=None), api.Cause("ticket 7", by=staff_named("aoi")))
    api.carry_out_asked(pen.means())
    deeds = {
        "approve_plan": {}, "refuse_plan": {"why": "our own scan"}, "ask_deed": {"deed": "look"},
    }  # fmt: skip
    for name, said in deeds.items():
        assert _client("ben").post(_at(case, name, plan.pk), said).status_code == 403
        assert _client("aoi").get(_at(case, name, plan.pk)).status_code == 405
    assert _client("ben").post(_at(case, "propose_plan"), _FORM).status_code == 403
    assert _client("ben").post(_at(case, "halt"), {"do": "stop", "why": "a reason"}).status_code == 403
    stale = signed_in(staff_named("aoi"))
    for name, said in (("approve_plan", {}), ("ask_deed", {"deed": "apply"}), ("ask_deed", {"deed": "undo"})):
        assert "reauthenticate" in stale.post(_at(case, name, plan.pk), said).headers["Location"]
    assert stale.post(_at(case, "ask_deed", plan.pk), {"deed": "erase"}).status_code == 404
    stale.post(_at(case, "refuse_plan", plan.pk), {"why": "our own scan"})
    plan.refresh_from_db()
    assert (plan.stand, plan.asked, plan.approvals.count()) == (api.Stand.REFUSED, "", 0)


def test_one_word_stops_all_automatic_action_and_a_proof_lets_it_go_on(case: CaseFile) -> None:
    stale = signed_in(staff_named("emi"))
    stale.post(_at(case, "halt"), {"do": "stop", "why": "no"})
    assert not api.is_halted()
    stale.post(_at(case, "halt"), {"do": "stop", "why": "it blocks customers"})
    assert api.is_halted()
    assert "All automatic action is stopped." in _page(stale, _at(case, "plans"))
    lift = {"do": "lift", "why": "the rule is corrected"}
    assert "reauthenticate" in stale.post(_at(case, "halt"), lift).headers["Location"]
    assert api.is_halted()
    _client("aoi").post(_at(case, "halt"), lift)
    assert not api.is_halted()
    kept = LedgerEntry.objects.filter(about="containment").order_by("pk").values_list("verb", "staff__name")
    assert list(kept) == [("containment halted", "emi"), ("containment halt lifted", "aoi")]


def test_plans_of_other_systems_are_not_there_and_hostile_words_are_shown_plainly(
    case: CaseFile, pen: Pen
) -> None:
    pen.policy = Policy(never={TargetKind.SESSION: frozenset("h")})
    hostile = "<script>alert(1)</script>\u202e"
    other = api.Wish(checked_target("bank", "session", "c"))
    cause = api.Cause(hostile, by=staff_named("aoi"))
    mixed = api.propose(pen.means(), [*wishes("a", reach=None), other], cause)
    own = api.propose(pen.means(), wishes("b", "h", reach=None), cause)
    client = _client("aoi")
    page = _page(client, _at(case, "plans"))
    assert (f"plans/{own.pk}/" in page, f"plans/{mixed.pk}/" in page) == (True, False)
    for name in ("plan", "plan_state"):
        assert client.get(_at(case, name, mixed.pk)).status_code == 404
    for name in ("approve_plan", "refuse_plan"):
        assert client.post(_at(case, name, mixed.pk), {"why": "a reason"}).status_code == 404
    page += _page(client, _at(case, "plan", own.pk))
    assert ("<script>alert" in page, "\\u202e" in page) == (False, True)
    assert "never stopped" in page
    own_page = client.get(_at(case, "plan", own.pk), HTTP_ACCEPT_LANGUAGE="ja").content.decode()
    assert "決して止めない相手（never）です。" in own_page
    told = program(token_of(staff_named("aoi"))).get(f"/api/v1/cases/{case.name}/plans").json()
    assert [(each["number"], each["targets"]) for each in told["plans"]] == [
        (own.pk, {"spared": 1, "waiting": 1})
    ]
    for wrong in ({"system": "bank"}, {"system": ""}, {"kind": "everybody"}):
        assert client.post(_at(case, "propose_plan"), _FORM | wrong).status_code == 404
    too_many = "\n".join(f"s{number}" for number in range(101))
    unread = ({"reach": "1e3"}, {"minutes": "an hour"}, {"targets": too_many})
    for wrong in (*unread, {"why": "x"}, {"targets": " \n"}, {"targets": "with space"}):
        client.post(_at(case, "propose_plan"), _FORM | wrong)
    assert api.Plan.objects.count() == 2


def test_targets_of_all_plans_are_counted_at_once_by_the_database(case: CaseFile, pen: Pen) -> None:
    for names in (("a", "b"), ("c",), ("d", "e", "f")):
        api.propose(pen.means(), wishes(*names), api.Cause("ticket 7", by=staff_named("emi")))
    with CaptureQueriesContext(connection) as asked:
        page = _page(_client("ben"), _at(case, "plans"))
    assert page.count("waiting 3") == page.count("waiting 2") == page.count("waiting 1") == 1
    of_steps = [query["sql"] for query in asked if query["sql"].startswith('SELECT "containing_step"')]
    assert len(of_steps) == 1
    assert "COUNT(" in of_steps[0]
