"""The room's only door."""

from __future__ import annotations

from ashiato.rooms.cases.keys import Locker, destroy_key, key_path, make_key, name_by, read_key
from ashiato.rooms.cases.models import CaseFile, Seat
from ashiato.rooms.cases.roles import MAY, Permission, Role, permissions_of
from ashiato.rooms.cases.seats import cases_of, give_role, role_named, roles_in, take_role
from ashiato.rooms.cases.services import open_casefile

__all__ = [
    "MAY",
    "CaseFile",
    "Locker",
    "Permission",
    "Role",
    "Seat",
    "cases_of",
    "destroy_key",
    "give_role",
    "key_path",
    "make_key",
    "name_by",
    "open_casefile",
    "permissions_of",
    "read_key",
    "role_named",
    "roles_in",
    "take_role",
]
