"""The room's only door."""

from __future__ import annotations

from ashiato.rooms.watching.composing import Composer
from ashiato.rooms.watching.footholds import Foothold, FootholdKind, Footholds, list_footholds
from ashiato.rooms.watching.models import AlarmGroup, GroupNote, Guard, Message, RaisedAlarm, Source, Try
from ashiato.rooms.watching.over import (
    Closed,
    Lacking,
    Point,
    Proof,
    Standing,
    close_foothold,
    reopen_foothold,
    standing_over,
)
from ashiato.rooms.watching.policy import Policy, Way, policy_of
from ashiato.rooms.watching.retention import POLICIES
from ashiato.rooms.watching.selectors import (
    count_answers,
    list_failing_ways,
    list_groups,
    list_guards,
    responses_to,
    tell_group,
)
from ashiato.rooms.watching.services.answering import acknowledge, get_group, record_look, write_note
from ashiato.rooms.watching.services.beating import heartbeat, stop_guard
from ashiato.rooms.watching.services.planning import is_grave
from ashiato.rooms.watching.services.raising import raise_alarm, raise_alarms, record_response
from ashiato.rooms.watching.silences import Silences
from ashiato.rooms.watching.telling import HANDS, Teller
from ashiato.rooms.watching.terms import Answer, Outcome, Response, Stand
from ashiato.rooms.watching.ways import Ways

__all__ = [
    "HANDS",
    "POLICIES",
    "AlarmGroup",
    "Answer",
    "Closed",
    "Composer",
    "Foothold",
    "FootholdKind",
    "Footholds",
    "GroupNote",
    "Guard",
    "Lacking",
    "Message",
    "Outcome",
    "Point",
    "Policy",
    "Proof",
    "RaisedAlarm",
    "Response",
    "Silences",
    "Source",
    "Stand",
    "Standing",
    "Teller",
    "Try",
    "Way",
    "Ways",
    "acknowledge",
    "close_foothold",
    "count_answers",
    "get_group",
    "heartbeat",
    "is_grave",
    "list_failing_ways",
    "list_footholds",
    "list_groups",
    "list_guards",
    "policy_of",
    "raise_alarm",
    "raise_alarms",
    "record_look",
    "record_response",
    "reopen_foothold",
    "responses_to",
    "standing_over",
    "stop_guard",
    "tell_group",
    "write_note",
]
