"""How long this room keeps what is personal."""

from __future__ import annotations

from ashiato.rooms.accounts.api import Event, Policy
from ashiato.rooms.cases.models import Investigation, Seat, Upload

POLICIES = (
    Policy(
        Seat,
        Event.LEFT,
        case="case__name",
        due=lambda _: Seat.objects.filter(staff__is_active=False),
        removes=True,
    ),
    Policy(Investigation, Event.PROOF, case="case__name"),
    Policy(Upload, Event.PROOF, case="case__name"),
)
