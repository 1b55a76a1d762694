"""How long this room keeps what is personal: callers' words as long as notices keep what they told.

What nobody closed or ended has its term too: from when it came in, and from the campaign's last outcome.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from ashiato.rooms.accounts.api import Event, Policy
from ashiato.rooms.answering.models import (
    Alert,
    AnswerGiven,
    CallBack,
    Contact,
    Flag,
    Script,
    ScriptApproval,
    Trial,
)
from ashiato.rooms.notifying.api import past_its_end, past_its_time


def _contacts(now: datetime) -> QuerySet[Contact]:
    closed = past_its_time("desk__campaign", "closed_at", now)
    left = Q(closed_at=None) & past_its_end("desk__campaign", "at", now)
    return Contact.objects.filter(closed | left).exclude(words=b"")


def _trials(now: datetime) -> QuerySet[Trial]:
    return Trial.objects.filter(past_its_time("contact__desk__campaign", "at", now)).exclude(claim="")


def _calls(now: datetime) -> QuerySet[CallBack]:
    ended = past_its_time("contact__desk__campaign", "ended_at", now)
    left = Q(ended_at=None) & past_its_end("contact__desk__campaign", "asked_at", now)
    return CallBack.objects.filter(ended | left).exclude(word="")


_OF_DESK, _OF_CONTACT = "desk__campaign__case__name", "contact__desk__campaign__case__name"
POLICIES = (
    Policy(Contact, Event.CLOSED, _OF_DESK, due=_contacts, emptied={"words": b"", "caller": ""}),
    Policy(Trial, Event.TAKEN, _OF_CONTACT, due=_trials, emptied={"claim": "", "subject": "", "caller": ""}),
    Policy(CallBack, Event.ENDED, _OF_CONTACT, due=_calls, emptied={"word": ""}),
    Policy(AnswerGiven, Event.PROOF, _OF_CONTACT),
    Policy(Flag, Event.PROOF, _OF_CONTACT),
    Policy(Alert, Event.PROOF, _OF_DESK),
    Policy(Script, Event.PROOF, _OF_DESK),
    Policy(ScriptApproval, Event.PROOF, "script__desk__campaign__case__name"),
)
