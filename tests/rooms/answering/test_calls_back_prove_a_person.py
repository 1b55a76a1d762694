"""A call to the number on file, with the word that was given, is the highest rung; changes need it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ashiato.rooms.accounts.models import LedgerEntry
from ashiato.rooms.answering import api
from ashiato.rooms.notifying.api import Wish, told_of
from ashiato.rooms.notifying.models import Notice
from ashiato.rooms.notifying.states import State
from ashiato.terms.errors import ServerError
from tests.rooms.answering import desks
from tests.rooms.answering.desks import AT, UNUSED
from tests.rooms.notifying import scenes

pytestmark = pytest.mark.usefixtures("book")


def test_the_word_said_at_the_number_on_file_lifts_the_caller() -> None:
    contact = desks.verified(desks.desk())
    promised = api.promise_call(contact, api.Purpose.VERIFY, desks.agent(), AT)
    assert api.number_to_call(promised.call_back, desks.agent(), AT) == "090-1234-5678"
    ended = api.end_call(promised.call_back, api.Outcome.REACHED, desks.agent(), AT, f" {promised.word} ")
    contact.refresh_from_db()
    assert (ended.outcome, contact.rung) == (api.Outcome.REACHED, api.Rung.CALLED_BACK)
    assert LedgerEntry.objects.filter(verb="looked at number to verify").count() == 1


def test_a_wrong_word_thrice_ends_the_call_and_lifts_nobody() -> None:
    contact = desks.verified(desks.desk())
    promised = api.promise_call(contact, api.Purpose.VERIFY, desks.agent(), AT)
    wrong = f"{(int(promised.word) + 1) % 10_000:04}"
    said = [
        api.end_call(promised.call_back, api.Outcome.REACHED, desks.agent(), AT, wrong).outcome
        for _ in range(3)
    ]
    contact.refresh_from_db()
    assert said == [api.Outcome.OPEN, api.Outcome.OPEN, api.Outcome.NOT_THEM]
    assert contact.rung == api.Rung.FACTS
    with pytest.raises(ServerError, match="this call was made"):
        api.end_call(promised.call_back, api.Outcome.REACHED, desks.agent(), AT, promised.word)


def test_nobody_unverified_is_called_to_verify_and_the_refusal_is_the_same_for_all() -> None:
    said = set()
    for number, world in enumerate(desks.World):
        contact = desks.call(desks.desk(world, f"world-{number}"))
        with pytest.raises(ServerError) as refused:
            api.promise_call(contact, api.Purpose.VERIFY, desks.agent(), AT)
        said.add(str(refused.value))
    assert len(said) == 1


def test_a_call_promised_before_a_holiday_is_due_after_it() -> None:
    friday = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)  # 17:30 in Tokyo; Monday the 23rd is a holiday
    contact = desks.call(desks.desk(), at=friday)
    promised = api.promise_call(contact, api.Purpose.ANSWER, desks.agent(), friday)
    assert promised.call_back.due_at == datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
    assert promised.word == ""


def test_nobody_there_is_called_three_times() -> None:
    contact = desks.call(desks.desk())
    promised = api.promise_call(contact, api.Purpose.ANSWER, desks.agent(), AT, AT + timedelta(hours=3))
    assert promised.call_back.due_at == AT + timedelta(hours=3)
    for outcome in (api.Outcome.OPEN, api.Outcome.OPEN, api.Outcome.NOT_REACHED):
        ended = api.end_call(promised.call_back, api.Outcome.NOT_REACHED, desks.agent(), AT)
        assert ended.outcome == outcome


def test_a_new_address_needs_a_caller_who_was_called_back() -> None:
    opened = desks.desk()
    contact, wish = (
        desks.verified(opened),
        Wish({"lines": ["大阪府大阪市架空9-9-9"], "post_code": "530-0000"}),
    )
    with pytest.raises(ServerError, match="called back"):
        api.change_for(contact, wish, desks.agent(), AT)
    promised = api.promise_call(contact, api.Purpose.VERIFY, desks.agent(), AT)
    api.end_call(promised.call_back, api.Outcome.REACHED, desks.agent(), AT, promised.word)
    assert not api.change_for(contact, wish, desks.agent(), AT)
    person = desks.person_of(opened)
    assert told_of(person)["contact"]["lines"] == ["大阪府大阪市架空9-9-9"]
    scenes.plan(opened.campaign, [desks.caller(), desks.caller("jiro")], run=2)
    assert told_of(desks.person_of(opened))["contact"]["lines"] == ["大阪府大阪市架空9-9-9"]


def test_nobody_changes_anything_before_they_are_known() -> None:
    contact = desks.call(desks.desk())
    for change in (Wish(language="en"), Wish(channel="email"), Wish({"name": "x"})):
        with pytest.raises(ServerError, match="this needs a caller"):
            api.change_for(contact, change, desks.agent(), AT)
    with pytest.raises(ServerError, match="this needs a caller"):
        api.send_again_for(contact, desks.agent(), AT)


def test_who_was_known_in_a_contact_that_is_closed_is_known_no_longer() -> None:
    contact = desks.verified(desks.desk())
    api.sort_contact(contact, "redress.compensation", AT)
    api.close_contact(contact, AT)
    with pytest.raises(ServerError, match="the contact is closed"):
        api.change_for(contact, Wish(language="en"), desks.agent(), AT)
    with pytest.raises(ServerError, match="the contact is closed"):
        api.send_again_for(contact, desks.agent(), AT)


def test_a_notice_asked_for_again_waits_for_a_wave_and_tells_the_same() -> None:
    opened = desks.desk()
    contact = desks.verified(opened)
    api.change_for(contact, Wish(language="en", channel="email", style="large"), desks.agent(), AT)
    contact.refresh_from_db()
    known = api.find_known(contact, desks.agent(), AT)
    assert known is not None
    assert (known.language, known.style) == ("en", "large")
    assert api.send_again_for(contact, desks.agent(), AT)
    assert not api.send_again_for(contact, desks.agent(), AT)
    person = desks.person_of(opened)
    again = Notice.objects.get(person=person, is_current=True)
    assert (again.channel, again.state, again.wave_id, person.language) == (
        "email",
        State.PLANNED,
        None,
        "en",
    )


def test_a_letter_that_came_back_is_known_by_its_code() -> None:
    opened = desks.desk()
    assert api.take_letter_back(opened, UNUSED, desks.agent(), AT)
    assert not api.take_letter_back(opened, UNUSED, desks.agent(), AT)
    assert Notice.objects.get(code=UNUSED).state == State.RETURNED
    with pytest.raises(ServerError, match="no code of a letter"):
        api.take_letter_back(opened, "1234", desks.agent(), AT)
