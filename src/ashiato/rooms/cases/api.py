"""The room's only door."""

from __future__ import annotations

from ashiato.rooms.cases.keys import Locker, destroy_key, key_path, make_key, name_by, read_key
from ashiato.rooms.cases.models import CaseFile
from ashiato.rooms.cases.services import open_casefile

__all__ = [
    "CaseFile",
    "Locker",
    "destroy_key",
    "key_path",
    "make_key",
    "name_by",
    "open_casefile",
    "read_key",
]
