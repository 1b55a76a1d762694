"""The room's only door."""

from __future__ import annotations

from ashiato.rooms.accounts.models import ApiToken, LedgerEntry, Staff
from ashiato.rooms.accounts.proving import let_in, prove
from ashiato.rooms.accounts.retention import POLICIES
from ashiato.rooms.accounts.retiring import Event, Policy, overwriting, retire
from ashiato.rooms.accounts.selectors import entries_about, find_break
from ashiato.rooms.accounts.services import add_staff, get_program, get_staff, record_entry
from ashiato.rooms.accounts.tokens import (
    MOST_DAYS,
    end_tokens,
    find_token,
    list_tokens,
    make_token,
    note_use,
)

__all__ = [
    "MOST_DAYS",
    "POLICIES",
    "ApiToken",
    "Event",
    "LedgerEntry",
    "Policy",
    "Staff",
    "add_staff",
    "end_tokens",
    "entries_about",
    "find_break",
    "find_token",
    "get_program",
    "get_staff",
    "let_in",
    "list_tokens",
    "make_token",
    "note_use",
    "overwriting",
    "prove",
    "record_entry",
    "retire",
]
