"""Answer those who asked by their contact: by mail, to the address on file, once.

A claim is committed before anything is offered; what a killed sender had claimed stays doubtful and is never
sent again by itself. Who asked by telephone or post code is answered by the desk.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from ashiato.outside.messages.email.mime import Mail
from ashiato.outside.messages.outcomes import Accepted, NotAccepted, Outcome
from ashiato.rooms.cases.api import name_by, read_key
from ashiato.rooms.notifying.api import Campaign, Composer, is_text_approved
from ashiato.rooms.publishing.collecting import notices_out
from ashiato.rooms.publishing.models import AnswerOwed
from ashiato.terms.approvals import APPROVALS_NEEDED
from ashiato.terms.errors import ServerError


class Mailing(Protocol):
    """What takes mails over."""

    def send(self, message: Mail) -> Outcome:
        """Hand over one mail."""


def send_answers(campaign: Campaign, composer: Composer, pool: Mailing, at: datetime) -> Counter[str]:
    """Send every answer that is owed by mail; returns how many came to which state, and what the desk has.

    Raises: ServerError: the text is not approved by two persons as it stands, or a gate is closed.
    """
    _refuse_held(campaign)
    owed = AnswerOwed.objects.filter(person__campaign=campaign)
    owed.filter(state="claimed").update(state="doubtful", moved_at=at)
    waiting = owed.filter(state="owed", way="mail").order_by("pk")
    for answer in [*waiting.select_related("person")]:
        if _move(answer, "owed", "claimed", at):
            _move(answer, "claimed", _sent(campaign, answer, composer, pool, at), at)
    counted = Counter(owed.filter(way="mail").values_list("state", flat=True))
    counted["desk"] = owed.filter(state="owed").exclude(way="mail").count()
    return counted


def _refuse_held(campaign: Campaign) -> None:
    if not is_text_approved(campaign):
        what = f"the text of {campaign} is not approved by {APPROVALS_NEEDED} persons as it stands"
        raise ServerError(what, fix="ashiato notify approve --text, by two persons")
    closed = ", ".join(campaign.gates.filter(is_closed=True).order_by("kind").values_list("kind", flat=True))
    if closed:
        raise ServerError(f"nothing goes out while a gate is closed: {closed}", fix="ashiato notify gate")


def _sent(campaign: Campaign, answer: AnswerOwed, composer: Composer, pool: Mailing, at: datetime) -> str:
    """Offer one answer; returns its state."""
    rows = notices_out(campaign).filter(person=answer.person, is_current=True).select_related("person")
    notice = rows.filter(edition=answer.edition).first()
    if notice is None:
        return "overtaken"
    mail = composer.mail(notice, at)
    reference = name_by(read_key(campaign.key_name), "answer", str(answer.pk))
    outcome = pool.send(replace(mail, reference=reference))
    if isinstance(outcome, Accepted):
        return "sent"
    if isinstance(outcome, NotAccepted):
        return "refused" if outcome.permanent else "owed"
    return "doubtful"


def _move(answer: AnswerOwed, old: str, new: str, at: datetime) -> bool:
    """Change a state, unless somebody else did meanwhile."""
    rows = AnswerOwed.objects.filter(pk=answer.pk, state=old)
    return rows.update(state=new, moved_at=at) == 1
