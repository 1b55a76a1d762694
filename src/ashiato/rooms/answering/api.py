"""The room's only door."""

from __future__ import annotations

from ashiato.rooms.answering.exporting import write_counts, zammad_tickets
from ashiato.rooms.answering.facts import FactKind
from ashiato.rooms.answering.hours import Hours
from ashiato.rooms.answering.ladder import LIMITS, OFFERED, RIGHT, Rung
from ashiato.rooms.answering.models import Alert, AnswerGiven, CallBack, Contact, Desk, Script
from ashiato.rooms.answering.reasons import Reason, reason_named, reasons
from ashiato.rooms.answering.retention import POLICIES
from ashiato.rooms.answering.selectors.counting import (
    ReasonCount,
    WaveLoad,
    counts_by_reason,
    waves_against_forecast,
)
from ashiato.rooms.answering.selectors.listing import (
    QueueLoad,
    list_alerts,
    list_calls,
    list_contacts,
    list_drafts,
    list_scripts,
    queue_loads,
)
from ashiato.rooms.answering.selectors.showing import Card, Known, Sent, card_of, find_known
from ashiato.rooms.answering.services.alerting import raise_alerts, see_alert
from ashiato.rooms.answering.services.calling_back import Promised, end_call, number_to_call, promise_call
from ashiato.rooms.answering.services.changing import change_for, send_again_for, take_letter_back
from ashiato.rooms.answering.services.flagging import flag_by_hand
from ashiato.rooms.answering.services.opening import get_desk, hours_of, open_desk
from ashiato.rooms.answering.services.scripting import (
    Wording,
    approve_script,
    find_script,
    give_answer,
    write_script,
)
from ashiato.rooms.answering.services.taking import (
    Arrival,
    close_contact,
    hand_to_lead,
    sort_contact,
    take_contact,
    take_up,
)
from ashiato.rooms.answering.services.verifying import Offered, Verdict, try_to_verify
from ashiato.rooms.answering.services.watching import watch_desk
from ashiato.rooms.answering.words import AlertKind, Outcome, Purpose, Queue, Stand, Suspicion, Way

__all__ = [
    "LIMITS",
    "OFFERED",
    "POLICIES",
    "RIGHT",
    "Alert",
    "AlertKind",
    "AnswerGiven",
    "Arrival",
    "CallBack",
    "Card",
    "Contact",
    "Desk",
    "FactKind",
    "Hours",
    "Known",
    "Offered",
    "Outcome",
    "Promised",
    "Purpose",
    "Queue",
    "QueueLoad",
    "Reason",
    "ReasonCount",
    "Rung",
    "Script",
    "Sent",
    "Stand",
    "Suspicion",
    "Verdict",
    "WaveLoad",
    "Way",
    "Wording",
    "approve_script",
    "card_of",
    "change_for",
    "close_contact",
    "counts_by_reason",
    "end_call",
    "find_known",
    "find_script",
    "flag_by_hand",
    "get_desk",
    "give_answer",
    "hand_to_lead",
    "hours_of",
    "list_alerts",
    "list_calls",
    "list_contacts",
    "list_drafts",
    "list_scripts",
    "number_to_call",
    "open_desk",
    "promise_call",
    "queue_loads",
    "raise_alerts",
    "reason_named",
    "reasons",
    "see_alert",
    "send_again_for",
    "sort_contact",
    "take_contact",
    "take_letter_back",
    "take_up",
    "try_to_verify",
    "watch_desk",
    "waves_against_forecast",
    "write_counts",
    "write_script",
    "zammad_tickets",
]
