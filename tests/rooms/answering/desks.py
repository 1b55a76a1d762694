"""Desks to call: the same one before worlds in which the caller is in scope, out of it, or nobody.

The code a caller gives is the same text in all of them, so that nothing but the world differs.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.core import serializers
from django.db import transaction

from ashiato.letters.notices.codes import code_of, grouped
from ashiato.rooms.accounts.api import Staff, add_staff
from ashiato.rooms.answering import api
from ashiato.rooms.cases.api import make_key
from ashiato.rooms.cases.models import CaseFile
from ashiato.rooms.notifying.models import Campaign, Notice, PersonInScope
from ashiato.rooms.notifying.scope import PersonFound
from ashiato.rooms.notifying.services import claiming, recording, working
from ashiato.rooms.notifying.services.approving import approve_text
from ashiato.rooms.notifying.services.gating import make_gates
from ashiato.rooms.notifying.services.recording import Offered
from ashiato.rooms.notifying.states import State
from tests.rooms.notifying import scenes

#: A Monday, 10:00 in Tokyo; the day after is Labour Thanksgiving's eve, the 23rd was the holiday.
AT = datetime(2026, 11, 24, 1, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")
HOURS = api.Hours(zone=TOKYO, opens=time(9), closes=time(18))
#: What the caller gives where the world knows nobody: whole, and given to no notice.
UNUSED = code_of(b"k" * 32, "given to nobody")
RIGHT = {api.FactKind.BORN: "昭和55年4月5日", api.FactKind.PHONE: "０９０ー１２３４ー５６７８"}
WRONG = {api.FactKind.BORN: "1980-04-06", api.FactKind.PHONE: "090-1234-5679"}


class World(StrEnum):
    """What the world is to the caller."""

    IN_SCOPE = "in scope"
    OUT_OF_SCOPE = "out of scope"
    NEVER_SENT = "never sent"
    NOBODY = "nobody"


def agent(name: str = "emi") -> Staff:
    """Emi answers the telephone."""
    return add_staff(name)


def caller(name: str = "hanako") -> PersonFound:
    """Hanako, with what is on file of her."""
    found = scenes.addressed(name, "letter", "email")
    return PersonFound(**{**vars(found), "contact": {**found.contact, "born": "19800405"}})


def campaign(name: str = "case") -> Campaign:
    """A campaign of a case of its own, its text approved."""
    case = CaseFile.objects.create(name=name, folder=f"cases/{name}", added_at=AT)
    made = Campaign.objects.create(case=case, duty="tell-people", made_at=AT, text_digest="a" * 64)
    make_gates(made, AT)
    make_key(made.key_name)
    for staff in scenes.approvers():
        approve_text(made, staff, AT)
    return made


def tell_everybody(made: Campaign, at: datetime = AT) -> None:
    """Hand over whatever approved waves hold."""
    worker = working.enlist(f"w{Notice.objects.count()}-{made.pk}", machine="m", lock_file="", at=at)
    while held := claiming.claim(worker, claiming.Wanted(made, ("letter", "email", "sms"), 100, at)):
        recording.record_offered(worker, [Offered(each.pk, State.HANDED, "taken") for each in held], at)


@transaction.atomic
def desk(world: World = World.IN_SCOPE, name: str = "case") -> api.Desk:
    """A desk before a world; Hanako's notice, where there is one, has the code ``UNUSED``."""
    made = campaign(name)
    opened = api.open_desk(made, HOURS, agent("lead"), AT)
    if world != World.NOBODY:
        scenes.plan(made, [caller(), caller("jiro")])
        notice = Notice.objects.filter(campaign=made).order_by("pk")[0]
        Notice.objects.filter(code=UNUSED).update(code=code_of(b"k" * 32, f"before {notice.pk}"))
        Notice.objects.filter(pk=notice.pk).update(code=UNUSED)
        scenes.release(made)
    if world == World.OUT_OF_SCOPE:
        scenes.plan(made, [caller("jiro")], run=2)
    if world in (World.IN_SCOPE, World.OUT_OF_SCOPE):
        tell_everybody(made)
    return opened


def call(opened: api.Desk, number: str = "03-1234-5678", at: datetime = AT) -> api.Contact:
    """Somebody calls and an agent answers."""
    return api.take_contact(opened, api.Arrival(api.Way.PHONE, caller=number), at, agent())


def verified(opened: api.Desk) -> api.Contact:
    """Hanako calls and is known by code and facts."""
    contact = call(opened)
    assert api.try_to_verify(contact, api.Offered(grouped(UNUSED), RIGHT), agent(), AT).is_verified
    contact.refresh_from_db()
    return contact


def called_back(opened: api.Desk) -> api.Contact:
    """Hanako was called at the number on file as well."""
    contact = verified(opened)
    promised = api.promise_call(contact, api.Purpose.VERIFY, agent(), AT)
    api.end_call(promised.call_back, api.Outcome.REACHED, agent(), AT + timedelta(hours=1), promised.word)
    contact.refresh_from_db()
    return contact


def person_of(opened: api.Desk) -> PersonInScope:
    """Whoever has the code."""
    return PersonInScope.objects.get(notices__code=UNUSED, campaign=opened.campaign)


def page(contact: api.Contact) -> bytes:
    """All that an agent can be shown of a contact, and what is stored of it; ids of rows and nonces apart."""
    contact.refresh_from_db()
    card = asdict(api.card_of(contact))
    known = api.find_known(contact, agent(), AT)
    (stored,) = serializers.serialize("python", [contact])
    apart = {"desk", "words", "caller"}
    rows = {name: said for name, said in stored["fields"].items() if name not in apart}
    return repr((card | {"contact": rows}, known)).encode()
