"""The room's only door."""

from __future__ import annotations

from ashiato.rooms.ending.holding import standing_of
from ashiato.rooms.ending.keeping import find_times, list_times, take_times
from ashiato.rooms.ending.models import KeptTimes
from ashiato.rooms.ending.retention import POLICIES

__all__ = ["POLICIES", "KeptTimes", "find_times", "list_times", "standing_of", "take_times"]
