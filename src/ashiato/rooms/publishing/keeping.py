"""The keys of a case's public pages, kept with the case's other keys."""

from __future__ import annotations

from ashiato.bundle.keys import ConsoleKeys
from ashiato.rooms.cases.api import CaseFile, key_path
from ashiato.rooms.private_files import keep_private


def console_keys(case: CaseFile) -> ConsoleKeys:
    """Return the keys of a case's public pages, made on first use."""
    return ConsoleKeys.read(keep_private(key_path(f"public-{case.pk}"), ConsoleKeys.make().written()))
