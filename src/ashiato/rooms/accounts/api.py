"""The room's only door."""

from __future__ import annotations

from ashiato.rooms.accounts.models import LedgerEntry, Staff
from ashiato.rooms.accounts.proving import let_in, prove
from ashiato.rooms.accounts.selectors import entries_about, find_break
from ashiato.rooms.accounts.services import add_staff, get_program, get_staff, record_entry

__all__ = [
    "LedgerEntry",
    "Staff",
    "add_staff",
    "entries_about",
    "find_break",
    "get_program",
    "get_staff",
    "let_in",
    "prove",
    "record_entry",
]
