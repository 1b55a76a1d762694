"""Take in what people sent from the public pages: each letter once, and who is owed an answer by it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction

from ashiato.bundle.contacts import plain_contact
from ashiato.bundle.intake import Kind, letter_name, letters_in, open_letter
from ashiato.bundle.keys import ConsoleKeys
from ashiato.rooms.cases.api import Locker, read_key
from ashiato.rooms.notifying.api import Campaign, Notice
from ashiato.rooms.publishing.collecting import notices_out
from ashiato.rooms.publishing.keeping import console_keys
from ashiato.rooms.publishing.models import AnswerOwed, Received
from ashiato.terms.errors import ServerError

_AT_ONCE = 2_000
#: What a letter is counted as that nobody can open: damaged, or sealed to another console.
UNREADABLE = "unreadable"
_CONTACTS = ("email", "phone", "post_code")


def take_letters(campaign: Campaign, content: bytes, at: datetime) -> Counter[str]:
    """Take the letters of a file in; returns how many new ones of each kind.

    People are looked through before anything is written: the database is held for the letters alone.
    Raises: ServerError: the file is torn. A letter that does not open is counted and costs no other.
    """
    try:
        sealed = [*letters_in(content)]
    except ValueError as error:
        what = f"the file of letters is torn: {error}"
        raise ServerError(what, fix="hand them over into a new file, and take that") from error
    locker = Locker(read_key(campaign.key_name))
    opened = [*_opened(_unknown(sealed), console_keys(campaign.case))]
    checks = (said for _, kind, said in opened if kind == Kind.CONTACT_CHECK)
    asked = {plain_contact(str(said.get("contact", ""))) for said in checks}
    found = [*_found(campaign, locker, asked - {""})]
    with transaction.atomic():
        for notice, contact in found:
            AnswerOwed.objects.get_or_create(
                person=notice.person,
                edition=notice.edition,
                way=contact.partition(":")[0],
                defaults={"asked_at": at, "moved_at": at},
            )
        return Counter(kind for name, kind, said in opened if _kept(campaign, locker, (name, kind, said), at))


def _kept(campaign: Campaign, locker: Locker, letter: tuple[str, str, dict[str, Any]], at: datetime) -> bool:
    """Keep a letter; returns whether it counts as new, which one that nobody can open does each time."""
    name, kind, said = letter
    if kind == UNREADABLE:
        return True
    text = json.dumps(said, ensure_ascii=False, sort_keys=True).encode()
    kept = {"campaign": campaign, "kind": kind, "taken_at": at, "said": locker.lock(text, name)}
    return Received.objects.get_or_create(name=name, defaults=kept)[1]


def taken_names(campaign: Campaign) -> bytes:
    """Return the names of all letters that the console has, as a bundle tells them."""
    names = Received.objects.filter(campaign=campaign).order_by("name").values_list("name", flat=True)
    return b"".join(map(bytes.fromhex, names.iterator(_AT_ONCE)))


def _unknown(sealed: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    named = {letter_name(each).hex(): each for each in sealed}
    names = sorted(named)
    for start in range(0, len(names), _AT_ONCE):
        part = names[start : start + _AT_ONCE]
        known = set(Received.objects.filter(name__in=part).values_list("name", flat=True))
        yield from ((name, named[name]) for name in part if name not in known)


def _opened(
    letters: Iterable[tuple[str, bytes]], keys: ConsoleKeys
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, sealed in letters:
        try:
            kind, said = open_letter(keys, sealed)
        except ValueError:
            yield name, UNREADABLE, {}
        else:
            yield name, str(kind), said


def _found(campaign: Campaign, locker: Locker, asked: set[str]) -> Iterator[tuple[Notice, str]]:
    """Yield the current notice of everybody with one of these contacts."""
    if not asked:
        return
    rows = notices_out(campaign).filter(is_current=True).select_related("person").order_by("pk")
    for notice in rows.iterator(_AT_ONCE):
        told = json.loads(locker.unlock(bytes(notice.person.told), notice.person.person_key))
        own = {plain_contact(told["contact"].get(each, "")) for each in _CONTACTS}
        yield from ((notice, contact) for contact in sorted(own & asked))
