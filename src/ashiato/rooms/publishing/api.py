"""The room's only door."""

from __future__ import annotations

from ashiato.rooms.publishing.answering import Mailing, send_answers
from ashiato.rooms.publishing.exporting import approve_statement, canaries, export_bundle, sites_of
from ashiato.rooms.publishing.fetching import take_letters
from ashiato.rooms.publishing.keeping import console_keys
from ashiato.rooms.publishing.models import AnswerOwed, BundleMade, Received
from ashiato.rooms.publishing.passing import letters_for_the_desk, letters_waiting, pass_on
from ashiato.rooms.publishing.retention import POLICIES
from ashiato.rooms.publishing.statement_file import read_statement

__all__ = [
    "POLICIES",
    "AnswerOwed",
    "BundleMade",
    "Mailing",
    "Received",
    "approve_statement",
    "canaries",
    "console_keys",
    "export_bundle",
    "letters_for_the_desk",
    "letters_waiting",
    "pass_on",
    "read_statement",
    "send_answers",
    "sites_of",
    "take_letters",
]
