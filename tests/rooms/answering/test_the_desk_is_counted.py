"""Lists, alerts in batches, counts by the tree, forecast against what came, and files for others."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ashiato.exports.words import Language
from ashiato.rooms.answering import api
from ashiato.terms.errors import ServerError
from tests.rooms.answering import desks
from tests.rooms.answering.desks import AT, World

HOUR = timedelta(hours=1)


@pytest.mark.usefixtures("book")
def test_contacts_of_all_ways_are_one_list_by_what_is_due() -> None:
    opened = desks.desk(World.NOBODY)
    taken = [api.take_contact(opened, api.Arrival(way), AT) for way in reversed(api.Way)]
    listed = list(api.list_contacts(opened))
    assert sorted(each.pk for each in listed) == sorted(each.pk for each in taken)
    assert listed[0].way == api.Way.PHONE
    assert [each.number for each in taken] == [1, 2, 3, 4]
    assert [(each.queue, each.open, each.untaken) for each in api.queue_loads(opened, AT)] == [
        ("calls", 1, 1), ("writing", 3, 3), ("lead", 0, 0),
    ]  # fmt: skip


@pytest.mark.usefixtures("book")
def test_a_contact_is_answered_by_one_and_closed_with_its_reason() -> None:
    opened = desks.desk(World.NOBODY)
    contact = api.take_contact(opened, api.Arrival(api.Way.WEB), AT)
    assert list(api.list_contacts(opened, api.Queue.WRITING)) == [contact]
    api.take_up(contact, desks.agent())
    with pytest.raises(ServerError, match="somebody else"):
        api.take_up(contact, desks.agent("other"))
    assert [each.untaken for each in api.queue_loads(opened, AT)] == [0, 0, 0]
    with pytest.raises(ServerError, match="with its reason"):
        api.close_contact(contact, AT)
    api.sort_contact(contact, "redress.compensation", AT)
    assert contact.queue == api.Queue.LEAD
    api.close_contact(contact, AT)
    assert list(api.list_contacts(opened)) == []
    assert list(api.list_contacts(opened, closed=True)) == [contact]


@pytest.mark.usefixtures("book")
def test_forty_late_contacts_are_one_alert_of_each_grade_and_no_more() -> None:
    opened = desks.desk(World.NOBODY)
    for number in range(40):
        api.take_contact(opened, api.Arrival(api.Way.WEB), AT + number * timedelta(minutes=1))
    told = [
        (each.kind, each.queue, each.grade, each.count) for each in api.raise_alerts(opened, AT + 8 * HOUR)
    ]
    assert told == [("late", "writing", 50, 1)]
    later = AT + 24 * HOUR  # 9 + 9 business hours at most: of 16, all 40 are between 75 and 100
    raised = [(each.grade, each.count) for each in api.raise_alerts(opened, later)]
    assert sum(count for _, count in raised) == 40
    assert api.raise_alerts(opened, later) == []
    assert sum(each.count for each in api.list_alerts(opened)) == 40


@pytest.mark.usefixtures("book")
def test_counts_by_reason_add_up_to_all_contacts_with_their_unit() -> None:
    opened = desks.desk()
    known = desks.verified(opened)
    again = desks.verified(opened)
    for contact in (known, again):
        api.sort_contact(contact, "letter.unclear", AT)
    api.take_contact(opened, api.Arrival(api.Way.LETTER, reason="harm.call"), AT)
    desks.call(opened)
    counts = {each.code: each for each in api.counts_by_reason(opened)}
    assert (counts["letter.unclear"].contacts, counts["letter.unclear"].people) == (2, 1)
    assert counts["harm.call"].is_sign_of_damage
    assert counts["harm.call"].by_way == {"phone": 0, "web": 0, "mail": 0, "letter": 1}
    assert sum(each.contacts for each in counts.values()) == opened.contacts.count() == 4
    assert sum(each.contacts for each in api.counts_by_reason(opened, until=AT)) == 0
    rows = list(
        csv.DictReader(io.StringIO(api.write_counts(counts.values(), Language.JA).decode("utf-8-sig")))
    )
    assert sum(int(row["contacts"]) for row in rows) == 4


@pytest.mark.usefixtures("book")
def test_calls_are_held_against_the_forecast_of_their_wave() -> None:
    opened = desks.desk()
    contact = desks.call(opened, at=AT + HOUR)
    api.sort_contact(contact, "other.wrong", AT)
    api.close_contact(contact, AT + HOUR + timedelta(minutes=9))
    api.take_contact(opened, api.Arrival(api.Way.MAIL), AT + HOUR)
    desks.call(opened, at=AT - HOUR)
    (load,) = api.waves_against_forecast(opened, AT + 2 * HOUR)
    assert (load.told, load.expected, load.calls, load.agents) == (2, 1, 1, 1)
    assert (load.minutes, load.permille) == (9.0, 500.0)


@pytest.mark.usefixtures("book")
def test_zammad_is_given_tickets_without_a_word_of_the_caller() -> None:
    opened = desks.desk()
    contact = desks.verified(opened)
    arrival = api.Arrival(
        api.Way.MAIL, caller="taro@example.jp", name="山田", text="=cmd", reason="harm.mail"
    )
    api.take_contact(opened, arrival, AT)
    api.promise_call(contact, api.Purpose.ANSWER, desks.agent(), AT)
    written = list(api.zammad_tickets(api.list_contacts(opened).order_by("pk"), "Breach desk", Language.EN))
    call, mail = (json.loads(line) for line in written)
    assert (call["state"], call["article"]["type"]) == ("pending reminder", "phone")
    assert (mail["title"], mail["tags"]) == ("2: A suspicious e-mail", "mail,writing,harm.mail")
    assert {"title", "group", "customer_id", "article"} <= mail.keys()
    told = b"".join(written).decode()
    assert not [word for word in ("taro", "山田", "=cmd", "1234", "hanako") if word in told]


@given(st.text())
def test_a_reason_outside_the_tree_is_refused(code: str) -> None:
    known = code in api.reasons()
    try:
        assert api.reason_named(code).code == code
    except ServerError:
        assert not known


def test_the_tree_says_every_reason_in_both_languages() -> None:
    said = [text for each in api.reasons().values() for text in (each.text, each.group)]
    assert all(text.within("ja") and text.within("en") for text in said)
    assert all(code == each.code and code.count(".") == 1 for code, each in api.reasons().items())
