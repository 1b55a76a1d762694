"""The desk's book, by noun."""

from __future__ import annotations

from ashiato.rooms.answering.models.alert import Alert, Flag
from ashiato.rooms.answering.models.contact import Contact
from ashiato.rooms.answering.models.desk import Desk
from ashiato.rooms.answering.models.following import AnswerGiven, CallBack
from ashiato.rooms.answering.models.script import Script, ScriptApproval
from ashiato.rooms.answering.models.trial import Trial

__all__ = [
    "Alert",
    "AnswerGiven",
    "CallBack",
    "Contact",
    "Desk",
    "Flag",
    "Script",
    "ScriptApproval",
    "Trial",
]
