"""What the command line takes from the machine: the clock, the language, the home zone."""

from __future__ import annotations

import getpass
import locale
import time
from pathlib import Path

from ashiato.exports.words import Language

_LOCALTIME = Path("/etc/localtime")


def now_us() -> int:
    """The one clock, in microseconds since the epoch: it dates ledger entries, and is the now of duties."""
    return time.time_ns() // 1000


def language_of_machine() -> Language:
    """Japanese where the machine speaks it, else English."""
    spoken = locale.getlocale()[0] or ""
    return Language.JA if spoken.lower().startswith("ja") else Language.EN


def zone_of_machine() -> str:
    """The machine's IANA zone name as its clock file is linked, or UTC where that says nothing."""
    target = str(_LOCALTIME.resolve())
    _, found, name = target.partition("zoneinfo/")
    return name if found and name else "UTC"


def name_of_user() -> str:
    """The name of the machine's user, or ``unknown`` where it has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "unknown"
