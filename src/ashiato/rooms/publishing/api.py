"""The room's only door."""

from __future__ import annotations

from ashiato.rooms.publishing.exporting import approve_statement, console_keys, export_bundle, sites_of
from ashiato.rooms.publishing.models import BundleMade
from ashiato.rooms.publishing.statement_file import read_statement

__all__ = ["BundleMade", "approve_statement", "console_keys", "export_bundle", "read_statement", "sites_of"]
