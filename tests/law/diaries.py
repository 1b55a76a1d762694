"""Diaries of facts for tests: written short, loaded as a case's would be."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from ashiato.law.api import Assessment, Diary, assess, load_rulebook, parse_diary

TOKYO = ZoneInfo("Asia/Tokyo")


def diary_of(*entries: tuple[str, str], zone: str = "Asia/Tokyo") -> Diary:
    """Return a diary of entries given as (when known, facts in flow style)."""
    lines = [f"  - {{known: {known}, sets: {{{sets}}}}}" for known, sets in entries]
    return parse_diary("\n".join([f"zone: {zone}", "entries:", *lines, ""]))


def assessed(diary: Diary, as_of: str) -> Assessment:
    """Return what the shipped rules say of a diary at the end of a day, or at a moment."""
    text = f"{as_of}T23:59:59" if len(as_of) == 10 else as_of
    moment = datetime.fromisoformat(text)
    return assess(diary, load_rulebook(), moment if moment.tzinfo else moment.replace(tzinfo=diary.zone))
