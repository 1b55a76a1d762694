"""The room's tables."""

from __future__ import annotations

from ashiato.rooms.watching.models.alarm import AlarmGroup, AlarmKind, GroupNote, RaisedAlarm
from ashiato.rooms.watching.models.closing import Closing
from ashiato.rooms.watching.models.guard import Guard, Source
from ashiato.rooms.watching.models.message import Message, Try

__all__ = [
    "AlarmGroup",
    "AlarmKind",
    "Closing",
    "GroupNote",
    "Guard",
    "Message",
    "RaisedAlarm",
    "Source",
    "Try",
]
