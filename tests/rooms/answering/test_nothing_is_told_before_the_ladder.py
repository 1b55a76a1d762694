"""In scope, out of scope, not told yet or unknown: until the ladder is climbed all replies are equal."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import serializers
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ashiato.rooms.accounts.models import LedgerEntry
from ashiato.rooms.answering import api
from ashiato.rooms.answering.models import Trial
from ashiato.terms.errors import ServerError
from tests.rooms.answering import desks
from tests.rooms.answering.desks import AT, RIGHT, UNUSED, WRONG, World

pytestmark = pytest.mark.usefixtures("book")
HOSTILE = [
    "",
    "0" * 12,
    "１２３４５６７８９０１２",
    "' OR 1=1 --",
    "\x00" * 12,
    "9" * 5000,
    "<script>",
    "\ud800",
]


def shape(queries: CaptureQueriesContext) -> list[str]:
    """Statements without their constants."""
    text = (
        re.sub(r"'(?:[^']|'')*'|\b\d+\b|\"s\d+_x\d+\"", "?", each["sql"]) for each in queries.captured_queries
    )
    return [re.sub(r"\(\?(?:, \?)*\)", "(?)", each) for each in text]


@pytest.mark.parametrize("facts", [WRONG, {**RIGHT, api.FactKind.PHONE: "1"}], ids=["wrong", "one right"])
def test_a_failed_try_looks_alike_in_every_world(facts: dict[api.FactKind, str]) -> None:
    seen = set()
    for number, world in enumerate(World):
        opened = desks.desk(world, f"world-{number}")
        contact = desks.call(opened)
        before = desks.page(contact)
        verdict = api.try_to_verify(contact, api.Offered(UNUSED, facts), desks.agent(), AT)
        seen.add((before, repr(verdict), desks.page(contact), opened.alerts.count(), contact.flags.count()))
    assert len(seen) == 1


def test_right_facts_count_for_whoever_was_told_alone() -> None:
    replies = {}
    for number, world in enumerate(World):
        contact = desks.call(desks.desk(world, f"world-{number}"))
        verdict = api.try_to_verify(contact, api.Offered(UNUSED, RIGHT), desks.agent(), AT)
        replies[world] = (verdict, desks.page(contact))
    assert replies[World.IN_SCOPE][0].is_verified
    others = {repr(reply) for world, reply in replies.items() if world != World.IN_SCOPE}
    assert len(others) == 1


def test_every_world_is_asked_the_same_questions() -> None:
    asked = set()
    for number, world in enumerate(World):
        contact = desks.call(desks.desk(world, f"world-{number}"))
        with CaptureQueriesContext(connection) as queries:
            api.try_to_verify(contact, api.Offered(UNUSED, WRONG), desks.agent(), AT)
        asked.add(tuple(shape(queries)))
    assert len(asked) == 1


@pytest.mark.parametrize("code", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_codes_and_facts_are_a_failed_try(code: str) -> None:
    contact = desks.call(desks.desk())
    facts = {api.FactKind.BORN: code or "x", api.FactKind.EMAIL: f"{code}@"}
    assert api.try_to_verify(contact, api.Offered(code, facts), desks.agent(), AT) == api.Verdict(False, 2)


def test_what_the_letter_shows_proves_nothing_more() -> None:
    opened = desks.desk()
    thief = {api.FactKind.POST_CODE: "160-0000", api.FactKind.BORN: "1980-04-05"}
    assert not api.try_to_verify(
        desks.call(opened), api.Offered(UNUSED, thief), desks.agent(), AT
    ).is_verified
    three = {**RIGHT, api.FactKind.POST_CODE: "999-9999"}
    assert api.try_to_verify(desks.call(opened), api.Offered(UNUSED, three), desks.agent(), AT).is_verified


@pytest.mark.parametrize("facts", [{}, {api.FactKind.BORN: "1980-04-05", api.FactKind.PHONE: " "}])
def test_too_few_facts_cost_no_try(facts: dict[api.FactKind, str]) -> None:
    contact = desks.call(desks.desk())
    with pytest.raises(ServerError, match="2 or 3 facts"):
        api.try_to_verify(contact, api.Offered(UNUSED, facts), desks.agent(), AT)
    assert Trial.objects.count() == 0


def test_all_four_facts_at_once_are_refused() -> None:
    facts = dict.fromkeys(api.FactKind, "1980-04-05")
    with pytest.raises(ServerError, match="not 4"):
        api.try_to_verify(desks.call(desks.desk()), api.Offered(UNUSED, facts), desks.agent(), AT)


def test_a_contact_has_three_tries_whoever_it_is_about() -> None:
    for world in (World.IN_SCOPE, World.NOBODY):
        contact = desks.call(desks.desk(world, str(world).replace(" ", "-")))
        for left in (2, 1, 0):
            verdict = api.try_to_verify(contact, api.Offered(UNUSED, WRONG), desks.agent(), AT)
            assert verdict == api.Verdict(is_verified=False, tries_left=left)
        with pytest.raises(ServerError, match="no try left"):
            api.try_to_verify(contact, api.Offered(UNUSED, RIGHT), desks.agent(), AT)


def test_somebody_tried_five_times_is_barred_for_a_day_in_silence() -> None:
    opened = desks.desk()
    for number in range(5):
        contact = desks.call(opened, f"03-1234-000{number}")
        api.try_to_verify(contact, api.Offered(UNUSED, WRONG), desks.agent(), AT)
    barred, stranger = desks.call(opened), desks.call(desks.desk(World.NOBODY, "nobody"))
    offered = api.Offered(UNUSED, RIGHT)
    ours, theirs = (api.try_to_verify(each, offered, desks.agent(), AT) for each in (barred, stranger))
    assert ours == theirs == api.Verdict(is_verified=False, tries_left=2)
    later = AT + timedelta(days=1, seconds=1)
    assert api.try_to_verify(desks.call(opened, at=later), offered, desks.agent(), later).is_verified


def test_an_agent_who_guesses_is_stopped_and_others_go_on() -> None:
    opened, guesser = desks.desk(), desks.agent("guesser")
    contact = desks.call(opened, "")
    for number in range(20):
        if number % 3 == 0:
            contact = desks.call(opened, "")
        api.try_to_verify(contact, api.Offered(f"{number:012}", WRONG), guesser, AT)
    contact = desks.call(opened)
    with pytest.raises(ServerError, match="20 failed tries"):
        api.try_to_verify(contact, api.Offered(UNUSED, RIGHT), guesser, AT)
    assert api.try_to_verify(contact, api.Offered(UNUSED, RIGHT), desks.agent(), AT).is_verified
    assert {each.kind for each in api.raise_alerts(opened, AT)} >= {api.AlertKind.AGENTS}


def test_every_try_and_look_is_in_the_ledger_and_names_nobody() -> None:
    opened = desks.desk()
    contact = desks.verified(opened)
    assert api.find_known(contact, desks.agent(), AT) is not None
    person = desks.person_of(opened)
    entries = LedgerEntry.objects.filter(subject=person.person_key).order_by("pk")
    assert [each.verb for each in entries] == ["verified caller", "looked at person"]
    written = " ".join(f"{each.about} {each.why} {each.verb}" for each in LedgerEntry.objects.all())
    assert not [word for word in ("hanako", "1234", "1980", UNUSED) if word in written]


def test_what_a_caller_gave_is_locked_where_it_lies() -> None:
    arrival = api.Arrival(api.Way.MAIL, caller="taro@example.jp", name="山田太郎", text="秘密の話")
    contact = api.take_contact(desks.desk(World.NOBODY), arrival, AT)
    stored = serializers.serialize("json", [contact]).encode() + bytes(contact.words)
    assert not [said for said in ("taro", "山田太郎", "秘密") if said.encode() in stored]
    assert api.card_of(contact).words["text"] == "秘密の話"
