"""Codes that stand on no message: whoever asks for one has a stolen list, and the console is told so."""

from __future__ import annotations

import time

from ashiato.bundle.intake import Kind, seal_letter
from ashiato.bundle.openings import canary_mark, fingerprint_of
from ashiato.public.counting import HOUR, NOTED, count_once
from ashiato.public.pages.letters import keep_letter
from ashiato.public.store import CURRENT, own_store


def watch(code: str) -> None:
    """Tell the console where a canary was asked for: at most once an hour for each."""
    keys = own_store().keys
    mark = canary_mark(keys.pepper, fingerprint_of(keys.pepper, code))
    if mark not in CURRENT.canaries():
        return
    NOTED.note("check", "canary")
    if count_once(f"canary:{mark}") == 1:
        hour = int(time.time() // HOUR) * HOUR
        keep_letter(seal_letter(keys, Kind.CODE_ASKED, {"code": code, "hour": hour}))
