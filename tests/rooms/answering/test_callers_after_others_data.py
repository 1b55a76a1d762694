"""Social engineering: what looks like it is marked, by what was typed and never by whom it led to."""

from __future__ import annotations

import pytest

from ashiato.rooms.answering import api
from tests.rooms.answering import desks
from tests.rooms.answering.desks import AT, UNUSED, WRONG, World

pytestmark = pytest.mark.usefixtures("book")


def _flags(contact: api.Contact) -> list[str]:
    return api.card_of(contact).flags


@pytest.mark.parametrize("world", [World.IN_SCOPE, World.NOBODY])
def test_three_codes_from_one_number_are_marked_in_every_world(world: World) -> None:
    opened = desks.desk(world)
    for code in (UNUSED, "000000000018", "000000000000"):
        contact = desks.call(opened, "+81 3-1234-5678")
        api.try_to_verify(contact, api.Offered(code, WRONG), desks.agent(), AT)
    assert _flags(contact) == [api.Suspicion.MANY_CLAIMS]
    assert _flags(desks.call(opened, "０３（１２３４）５６７８")) == [api.Suspicion.MANY_CLAIMS]
    assert _flags(desks.call(opened, "03-1111-2222")) == []


def test_four_failed_tries_from_one_number_are_marked() -> None:
    opened = desks.desk()
    for _ in range(2):
        contact = desks.call(opened)
        for _ in range(2):
            api.try_to_verify(contact, api.Offered(UNUSED, WRONG), desks.agent(), AT)
    assert _flags(contact) == [api.Suspicion.MANY_WRONG]


def test_callers_who_withhold_their_number_are_not_one_caller() -> None:
    opened = desks.desk()
    for code in (UNUSED, "000000000018", "000000000000"):
        contact = desks.call(opened, "")
        api.try_to_verify(contact, api.Offered(code, WRONG), desks.agent(), AT)
    assert _flags(contact) == []


def test_who_asks_for_another_is_marked_and_leads_are_told_once() -> None:
    opened = desks.desk()
    for _ in range(3):
        api.sort_contact(desks.call(opened), "scope.relative", AT)
    contact = desks.call(opened)
    api.flag_by_hand(contact, desks.agent(), "prompted from behind", AT)
    raised = {(each.kind, each.count) for each in api.raise_alerts(opened, AT)}
    assert raised == {(api.AlertKind.SUSPICION, 4)}
    assert api.raise_alerts(opened, AT) == []
