"""The room's only door."""

from __future__ import annotations

from ashiato.rooms.accounts.models import LedgerEntry, Staff
from ashiato.rooms.accounts.proving import let_in, prove
from ashiato.rooms.accounts.retention import POLICIES
from ashiato.rooms.accounts.retiring import Event, Policy, overwriting, retire
from ashiato.rooms.accounts.selectors import entries_about, find_break
from ashiato.rooms.accounts.services import add_staff, get_program, get_staff, record_entry

__all__ = [
    "POLICIES",
    "Event",
    "LedgerEntry",
    "Policy",
    "Staff",
    "add_staff",
    "entries_about",
    "find_break",
    "get_program",
    "get_staff",
    "let_in",
    "overwriting",
    "prove",
    "record_entry",
    "retire",
]
