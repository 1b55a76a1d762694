"""Every table with personal data has a policy; what it says is done, entered in the ledger, and then over."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import models
from django.urls import reverse

from ashiato.exports.words import Language
from ashiato.rooms.accounts.api import LedgerEntry, Staff, add_staff, find_break, get_staff
from ashiato.rooms.answering import api as desk_room
from ashiato.rooms.answering.models import CallBack
from ashiato.rooms.cases.api import Role, Seat
from ashiato.rooms.notifying.models import Notice, PersonInScope
from ashiato.rooms.publishing.models import Received
from ashiato.web.retention import POLICIES, retire_all, standing_of_tables
from ashiato.web.words import console_words
from tests.cli.sample_case import PERSONS, make_case
from tests.rooms.answering.desks import AT, HOURS, agent, caller, campaign
from tests.rooms.notifying import scenes
from tests.web.console.scenes import casefile, signed_in, staff_named

_LATER = AT + timedelta(days=400)
_POLICIES = {policy.model: policy for policy in POLICIES}


def _with_personal_data() -> list[type[models.Model]]:
    """Our models that say so, and those of libraries that point at somebody of staff."""
    return [
        model
        for model in apps.get_models()
        if getattr(model, "PERSONAL", None)
        or any(field.related_model is Staff for field in model._meta.get_fields() if field.concrete)
    ]


@pytest.mark.parametrize("model", _with_personal_data(), ids=lambda model: model.__name__)
def test_every_table_with_personal_data_has_a_policy(model: type[models.Model]) -> None:
    policy = _POLICIES[model]
    assert (policy.due is None) == (policy.event == "proof")
    assert set(policy.emptied) <= set(getattr(model, "PERSONAL", ()))
    for language in Language:
        said: dict[str, str] = console_words(language).held["retention"]["tables"][policy.name]
        assert ("goes" in said) == bool(policy.emptied or policy.removes)


def test_a_table_has_one_policy_and_words_have_a_table() -> None:
    assert len(_POLICIES) == len(POLICIES)
    assert set(console_words(Language.EN).held["retention"]["tables"]) == {each.name for each in POLICIES}


@pytest.fixture
def held(database: Path) -> desk_room.Contact:
    """A closed contact with a failed try, a form that came in, somebody who left, a session that ended."""
    assert database.exists()
    made = campaign()
    desk = desk_room.open_desk(made, HOURS, agent(), AT)
    said = desk_room.Arrival(way=desk_room.Way.PHONE, caller="090-1234-5678", name="Hanako", text="my data")
    contact = desk_room.take_contact(desk, said, AT, agent())
    facts = {desk_room.FactKind.BORN: "1980-04-06", desk_room.FactKind.PHONE: "090-1234-5679"}
    desk_room.try_to_verify(contact, desk_room.Offered("123456789012", facts), agent(), AT)
    contact.refresh_from_db()
    desk_room.sort_contact(contact, next(iter(desk_room.reasons())), AT)
    desk_room.close_contact(contact, AT)
    Received.objects.create(
        campaign=made, name="a" * 32, kind="question", taken_at=AT, said=b"locked", passed_at=AT
    )
    left = add_staff("gone", full_name="Gone", email="gone@example.jp")
    Seat.objects.create(case=made.case, staff=left, role=Role.DESK, given_at=AT)
    Staff.objects.filter(pk=left.pk).update(is_active=False)
    session = SessionStore()
    session.set_expiry(AT)
    session.create()
    contact.refresh_from_db()
    return contact


def test_what_is_due_goes_and_its_proof_stays(held: desk_room.Contact) -> None:
    before = {each.policy.name: each.rows for each in standing_of_tables(_LATER)}
    assert desk_room.card_of(held).words["name"] == "Hanako"
    counted = retire_all(agent(), _LATER)
    assert counted.items() >= {
        "answering_contact": 1, "answering_trial": 1, "publishing_received": 1, "accounts_staff": 1,
        "cases_seat": 1, "sessions_session": 1,
    }.items()  # fmt: skip
    held.refresh_from_db()
    assert (bytes(held.words), held.caller, held.reason != "") == (b"", "", True)
    assert desk_room.card_of(held).words == {"caller": "", "name": "", "text": ""}
    assert {(each.claim, each.subject, each.caller) for each in held.trials.all()} == {("", "", "")}
    gone = Staff.objects.get(name="gone")
    assert (gone.full_name, gone.email, gone.has_usable_password()) == ("", "", False)
    assert not Session.objects.exists()
    after = {each.policy.name: each.rows for each in standing_of_tables(_LATER)}
    removed = {policy.name for policy in POLICIES if policy.removes}
    assert {name for name in before if after[name] < before[name]} <= removed
    assert not any(each.due for each in standing_of_tables(_LATER))
    assert retire_all(agent(), _LATER) == {}


def test_each_table_and_case_is_an_entry_of_the_ledger(held: desk_room.Contact) -> None:
    retire_all(agent(), _LATER)
    told = {(entry.about, entry.why) for entry in LedgerEntry.objects.filter(verb="retired")}
    case = held.desk.campaign.case.name
    assert {(case, "answering_contact: 1 rows"), ("server", "accounts_staff: 1 rows")} <= told
    assert {entry.staff for entry in LedgerEntry.objects.filter(verb="retired")} == {get_staff("emi")}
    assert find_break() is None


def test_nothing_goes_before_its_time(held: desk_room.Contact) -> None:
    soon = AT + timedelta(days=held.desk.campaign.keep_days)
    assert not {"answering_contact", "answering_trial", "publishing_received"} & set(
        retire_all(agent(), soon)
    )
    held.refresh_from_db()
    assert desk_room.card_of(held).words["name"] == "Hanako"


def test_an_open_contact_keeps_its_words_until_the_campaigns_own_time_is_over(
    held: desk_room.Contact,
) -> None:
    type(held).objects.update(stand=desk_room.Stand.OPEN, closed_at=None)
    call = CallBack.objects.create(
        contact=held, purpose=desk_room.Purpose.ANSWER, due_at=AT, asked_at=AT, asked_by=agent(), word="w"
    )
    scenes.plan(held.desk.campaign, [caller()])
    assert Notice.objects.update(moved_at=_LATER - timedelta(days=1)) == 1
    assert not {"answering_contact", "answering_callback"} & set(retire_all(agent(), _LATER))
    over = _LATER + timedelta(days=held.desk.campaign.keep_days)
    assert retire_all(agent(), over).items() >= {"answering_contact": 1, "answering_callback": 1}.items()
    held.refresh_from_db()
    call.refresh_from_db()
    assert (bytes(held.words), held.caller, call.word) == (b"", "", "")


def test_the_page_counts_this_case_alone(held: desk_room.Contact, tmp_path: Path) -> None:
    aoi, case = staff_named("aoi"), make_case(tmp_path, PERSONS)
    page = signed_in(aoi).get(reverse("retention", args=[casefile(case.folder, (aoi, Role.LEAD)).name]))
    text = page.content.decode()
    assert page.status_code == 200
    assert console_words(Language.EN).say("retention.no_campaign") in text
    row = text.split("Contacts at the desk")[1].split("</tr>")[0]
    assert row.count('<td class="n">0</td>') == 2
    assert PersonInScope.objects.filter(campaign=held.desk.campaign).count() == 0
