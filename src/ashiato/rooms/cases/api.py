"""The room's only door."""

from __future__ import annotations

from ashiato.rooms.cases.investigating import (
    Fault,
    Holder,
    Step,
    ask_run,
    ask_stop,
    claim,
    end_done,
    end_failed,
    end_held,
    end_stopped,
    list_open,
    newest_of,
    note_step,
    release_dead,
)
from ashiato.rooms.cases.keys import Locker, destroy_key, key_path, make_key, name_by, read_key
from ashiato.rooms.cases.models import Arrival, CaseFile, Investigation, Seat, Stand, Upload
from ashiato.rooms.cases.parts import NoRoomError, size_here
from ashiato.rooms.cases.retention import POLICIES
from ashiato.rooms.cases.roles import MAY, Permission, Role, permissions_of
from ashiato.rooms.cases.sealing import list_whole, seal, sweep
from ashiato.rooms.cases.seats import cases_of, give_role, role_named, roles_in, take_role
from ashiato.rooms.cases.services import open_casefile
from ashiato.rooms.cases.uploading import (
    Announced,
    BusyError,
    NotThereError,
    OverError,
    TooLargeError,
    announce,
    discard,
    finish,
    take_piece,
)

__all__ = [
    "MAY",
    "POLICIES",
    "Announced",
    "Arrival",
    "BusyError",
    "CaseFile",
    "Fault",
    "Holder",
    "Investigation",
    "Locker",
    "NoRoomError",
    "NotThereError",
    "OverError",
    "Permission",
    "Role",
    "Seat",
    "Stand",
    "Step",
    "TooLargeError",
    "Upload",
    "announce",
    "ask_run",
    "ask_stop",
    "cases_of",
    "claim",
    "destroy_key",
    "discard",
    "end_done",
    "end_failed",
    "end_held",
    "end_stopped",
    "finish",
    "give_role",
    "key_path",
    "list_open",
    "list_whole",
    "make_key",
    "name_by",
    "newest_of",
    "note_step",
    "open_casefile",
    "permissions_of",
    "read_key",
    "release_dead",
    "role_named",
    "roles_in",
    "seal",
    "size_here",
    "sweep",
    "take_piece",
    "take_role",
]
