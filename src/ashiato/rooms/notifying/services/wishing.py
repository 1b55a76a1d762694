"""What people ask of us about their notices: another address, language or channel, or the notice once more.

What they say stands above what a run finds: a later run does not take it back (``scope.Wish``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from ashiato.letters.notices.matter import Style
from ashiato.letters.notices.unsafe import unshowable
from ashiato.rooms.cases.api import Locker, read_key
from ashiato.rooms.notifying.houses import house_name, house_of
from ashiato.rooms.notifying.models import Notice, PersonInScope
from ashiato.rooms.notifying.scope import PersonFound, Wish
from ashiato.rooms.notifying.services.editions import plan_edition
from ashiato.rooms.notifying.services.moving import Because, move
from ashiato.rooms.notifying.services.wishes import told_of, wish_of, wish_owner
from ashiato.rooms.notifying.states import Channel, State
from ashiato.rooms.notifying.styling import STYLES
from ashiato.terms.errors import ServerError

PARTS = frozenset({"name", "kana", "post_code", "lines", "email", "phone"})
_LONGEST = 200
_IN_DOUBT = (State.CLAIMED, State.UNKNOWN)


@transaction.atomic
def grant_wish(person_pk: int, wish: Wish, because: Because) -> bool:
    """Take what a person says of how to be told; returns whether a notice not yet sent goes another way now.

    What was sent stays sent: ``send_again`` tells them once more.
    Raises: ServerError: a part is unknown, cannot be shown, no message can go by the channel, or none is
    written in the style.
    """
    person = _held(person_pk)
    _refuse_parts(wish.contact)
    locker = Locker(read_key(person.campaign.key_name))
    told = told_of(person)
    if not told["contact"]:
        raise ServerError("what was kept of this person is erased", fix="tell them so")
    channels = tuple(filter(None, person.channels.split(",")))
    before = PersonFound("", 0, told["fields"], told["contact"], channels, language=person.language)
    now = wish.granted(before)
    _refuse_channel(wish, now)
    _refuse_style(wish, person)
    person.told = locker.lock(_with_harms(now, told), person.person_key)
    person.asked = locker.lock(wish.after(wish_of(person, locker)).written(), wish_owner(person))
    person.language, person.channels = now.language, ",".join(now.channels)
    turned = _turn(person, because)
    person.save(update_fields=["told", "asked", "language", "channels", "edition"])
    return turned


@transaction.atomic
def send_again(person_pk: int, because: Because) -> bool:
    """Plan a person's notice once more, for the next wave; False: it is still to be sent, nothing changes.

    Raises: ServerError: it is in doubt whether the last one went out, nobody is told, or by no channel.
    """
    person = _held(person_pk)
    # One that failed meanwhile was waited for, and no longer counts: the one after it is asked for anew.
    notice = _current_of(person) or _current_of(person)
    if notice is None or person.excluded or not person.told:
        raise ServerError("no notice is owed to this person any more", fix="tell them so")
    if notice.state == State.PLANNED:
        return False
    if notice.state in _IN_DOUBT:
        what = "it is in doubt whether this person's last notice went out"
        raise ServerError(what, fix="ask again after `ashiato notify reconcile`")
    if not person.channels:
        raise ServerError("there is no way to reach this person", fix="take an address first")
    plan_edition(person, because.why, because.at)
    person.save(update_fields=["edition"])
    return True


def _held(person_pk: int) -> PersonInScope:
    """Hold a person and nothing else; as their key stays, who holds their notice may plan the next one."""
    rows = PersonInScope.objects.select_related("campaign").select_for_update(of=("self",), no_key=True)
    return rows.get(pk=person_pk)


def _current_of(person: PersonInScope) -> Notice | None:
    held = Notice.objects.select_for_update(no_key=True)
    return held.filter(person=person, is_current=True).first()


def _turn(person: PersonInScope, because: Because) -> bool:
    """Let a notice that waits go by the channel its person wants now."""
    first = person.channels.partition(",")[0] or str(Channel.PUBLICATION)
    waiting = Notice.objects.filter(person=person, is_current=True, state=State.PLANNED)
    ids = list(waiting.exclude(channel=first).values_list("pk", flat=True))
    if not ids or not move(ids, State.PLANNED, State.CANCELLED, because, {"is_current": False}):
        return False
    plan_edition(person, because.why, because.at)
    return True


def _with_harms(now: PersonFound, told: Mapping[str, Any]) -> bytes:
    return PersonFound("", 0, now.fields, now.contact, harms=tuple(told["harms"])).told()


def _refuse_parts(contact: Mapping[str, Any]) -> None:
    """Refuse what no letter or mail can carry; the value itself is not named."""
    for part, said in contact.items():
        lines = said if part == "lines" else [said]
        if part not in PARTS:
            raise ServerError(f"`{part[:20]}` is no part of a contact", fix=f"known are {sorted(PARTS)}")
        if not lines or any(not each.strip() or len(each) > _LONGEST or unshowable(each) for each in lines):
            what = f"the new {part} is empty, longer than {_LONGEST} characters or cannot be shown"
            raise ServerError(what, fix="type it as it is written on an envelope")


def _refuse_channel(wish: Wish, now: PersonFound) -> None:
    needs = {Channel.LETTER: "lines", Channel.EMAIL: "email", Channel.SMS: "phone", Channel.CALL: "phone"}
    if wish.channel and not now.contact.get(needs.get(Channel(wish.channel), "")):
        raise ServerError(f"nothing can go by {wish.channel}", fix="take the address or number first")


def _refuse_style(wish: Wish, person: PersonInScope) -> None:
    if wish.style not in ("", *STYLES):
        fix = "`ashiato notify preview --style braille` writes the text that a printer of braille takes"
        raise ServerError(f"no letter is set as `{wish.style[:20]}`", fix=fix)
    matter = person.campaign.matter
    if wish.style == Style.EASY and house_of(matter, house_name(matter, person.client)).incident.easy is None:
        fix = "large print is there; or write `easy:` into the incident, and have the text approved"
        raise ServerError("the incident is not told in easy Japanese", fix=fix)
