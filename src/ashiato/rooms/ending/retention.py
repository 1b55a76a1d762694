"""How long this room keeps what is personal."""

from __future__ import annotations

from ashiato.rooms.accounts.api import Event, Policy
from ashiato.rooms.ending.models import KeptTimes

POLICIES = (Policy(KeptTimes, Event.PROOF, case="case__name"),)
