"""Verify a caller: the code of a message that was sent, and two of three facts, in one step.

The reply is *verified* or *not verified* and how many tries are left. A code of nobody, of somebody out of
scope, one that was never sent, a wrong fact and a person tried too often all give the same reply by the same
work: the same questions to the database, a text unlocked, every fact compared, two rows written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from ashiato.letters.notices.codes import DIGITS, is_whole, read_code
from ashiato.rooms.accounts.api import Staff, record_entry
from ashiato.rooms.answering.facts import FactKind, count_right
from ashiato.rooms.answering.ladder import LIMITS, OFFERED, RIGHT, Rung
from ashiato.rooms.answering.models import Contact, Desk, Trial
from ashiato.rooms.answering.services.flagging import flag_by_rules
from ashiato.rooms.answering.words import Stand
from ashiato.rooms.cases.api import Locker, name_by, read_key
from ashiato.rooms.notifying.api import Campaign, Channel, Notice, case_key_of, find_told_by_code
from ashiato.terms.errors import ServerError

_NOBODY = "nobody"
#: As long as what is kept of most people.
_STAND_IN = json.dumps(
    {
        "contact": dict.fromkeys(("name", "kana", "born", "phone", "email", "post_code"), ""),
        "fields": [{"ja": "お名前", "en": "name", "category": "identity", "grade": 4}] * 6,
        "harms": [],
    }
).encode()


@dataclass(frozen=True)
class Offered:
    """What a caller says: the code on their message, and at least two facts, at most three."""

    code: str
    facts: Mapping[FactKind, str]


@dataclass(frozen=True)
class Verdict:
    """All that is told of a try; nothing else of it may be shown."""

    is_verified: bool
    tries_left: int


@dataclass(frozen=True)
class _Found:
    """Whom a code led to, or a stand-in of the same weight."""

    notice: Notice | None
    subject: str
    contact: Mapping[str, str]
    channel: str


@transaction.atomic
def try_to_verify(contact: Contact, offered: Offered, staff: Staff, at: datetime) -> Verdict:
    """Let a caller try to be known; a contact has three tries.

    Raises: ServerError: the ladder is closed for this contact or agent, or too few or many facts are offered;
    none of that depends on whom the code leads to.
    """
    Desk.objects.select_for_update().get(pk=contact.desk_id)
    contact = Contact.objects.select_for_update().select_related("desk__campaign").get(pk=contact.pk)
    facts = {kind: said for kind, said in offered.facts.items() if said.strip()}
    _refuse(contact, facts, staff, at)
    code = read_code(offered.code)
    claim = name_by(case_key_of(contact.desk.campaign), "claim", code)
    found = _find(contact.desk.campaign, code, claim)
    is_right = count_right(facts, found.contact, found.channel) >= RIGHT
    # Both are asked before either counts: what is skipped can be timed.
    is_barred = _is_barred(found.subject, at)
    has_passed = is_right and found.notice is not None and not is_barred
    Trial.objects.create(
        contact=contact,
        at=at,
        staff=staff,
        claim=claim,
        subject=found.subject,
        caller=contact.caller,
        has_passed=has_passed,
    )
    why = "passed" if has_passed else "failed"
    record_entry(staff, "verified caller", str(contact), at=at, subject=found.subject, why=why)
    _note(contact, found.notice if has_passed else None)
    flag_by_rules(contact, at)
    return Verdict(has_passed, LIMITS.contact - contact.slips)


def _refuse(contact: Contact, facts: Mapping[FactKind, str], staff: Staff, at: datetime) -> None:
    if contact.stand == Stand.CLOSED or contact.rung != Rung.NOBODY:
        raise ServerError("the contact is closed, or its caller is verified already", fix="take a new one")
    if contact.slips >= LIMITS.contact:
        raise ServerError("this contact has no try left", fix="say that we cannot confirm it, and hand on")
    if not RIGHT <= len(facts) <= OFFERED:
        raise ServerError(f"a try takes {RIGHT} or {OFFERED} facts, not {len(facts)}", fix="ask for three")
    failed = Trial.objects.filter(staff=staff, contact__desk=contact.desk_id, has_passed=False)
    if failed.filter(at__gte=at - LIMITS.hour).count() >= LIMITS.agent:
        what = f"{staff.name} has had {LIMITS.agent} failed tries within the hour"
        raise ServerError(what, fix="hand the contact to a lead")


def _find(campaign: Campaign, code: str, claim: str) -> _Found:
    """Return whom a code leads to; where it leads to nobody, a stand-in, unlocked and read all the same."""
    notice = find_told_by_code(campaign, code[:DIGITS] if is_whole(code) else "-")
    locker = Locker(read_key(campaign.key_name))
    locked, owner, channel = locker.lock(_STAND_IN, _NOBODY), _NOBODY, str(Channel.LETTER)
    if notice is not None and notice.person.told:
        person = notice.person
        locked, owner, channel = bytes(person.told), person.person_key, notice.channel
    told = json.loads(locker.unlock(locked, owner))
    subject = claim if notice is None else owner
    return _Found(notice, subject, {kind: told["contact"].get(kind, "") for kind in FactKind}, channel)


def _is_barred(subject: str, at: datetime) -> bool:
    """Tell whether somebody was tried too often within the last day; nobody is told that they were."""
    failed = Trial.objects.filter(subject=subject, has_passed=False, at__gte=at - LIMITS.span)
    return failed.count() >= LIMITS.person


def _note(contact: Contact, notice: Notice | None) -> None:
    if notice is None:
        contact.slips += 1
    else:
        contact.rung, contact.notice, contact.person = Rung.FACTS, notice, notice.person
    contact.save(update_fields=["slips", "rung", "notice", "person"])
