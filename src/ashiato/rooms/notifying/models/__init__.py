"""The ledger of sending, by noun."""

from __future__ import annotations

from ashiato.rooms.notifying.models.campaign import Campaign
from ashiato.rooms.notifying.models.left_alone import LeftAlone
from ashiato.rooms.notifying.models.notice import Notice, NoticeMove
from ashiato.rooms.notifying.models.person import PersonInScope
from ashiato.rooms.notifying.models.receipt import Receipt
from ashiato.rooms.notifying.models.wave import Approval, Gate, Wave
from ashiato.rooms.notifying.models.worker import Worker

__all__ = [
    "Approval",
    "Campaign",
    "Gate",
    "LeftAlone",
    "Notice",
    "NoticeMove",
    "PersonInScope",
    "Receipt",
    "Wave",
    "Worker",
]
