"""A guard that outlasts a disk without room: it waits, and begins again at what was kept.

A disk that answers with errors alone is another matter: waiting mends none, so after some minutes the guard
ends with an error, which whoever looks after services sees.

What a guard has in its head is ahead of a state that was not kept, so that it is let go of. Lines lie in
their files meanwhile; nothing is told that is not kept, and the guard does not show itself, which staff are
told of.
"""

from __future__ import annotations

import errno
import logging
import sqlite3
import time
from collections import deque
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from threading import Event

from ashiato.guard.running import Guard, Handing
from ashiato.guard.settings import Settings
from ashiato.guard.state import State
from ashiato.terms.alarms import Alarm
from ashiato.terms.errors import GuardError
from ashiato.terms.errors import Place as ErrorPlace

_SECONDS_AFTER_FAULT = 2.0
#: So long a disk that only answers with errors is tried.
_PATIENCE_S = 600.0
#: Of so many alarms it is known that they were told, whatever could be noted.
_MOST_REMEMBERED = 10_000
_FULL = frozenset({("sqlite", sqlite3.SQLITE_FULL), ("system", errno.ENOSPC), ("system", errno.EDQUOT)})
_BROKEN = frozenset({("sqlite", sqlite3.SQLITE_IOERR), ("system", errno.EIO)})
_FIRST_BYTE = 0xFF
_LOG = logging.getLogger(__name__)


def follow(
    settings: Settings,
    handing: Handing,
    stopped: Event,
    beat: Callable[[Guard], None],
    metrics: Path | None = None,
    *,
    patience_s: float = _PATIENCE_S,
) -> None:
    """Follow until told to stop; ``beat`` is called after every step, ``metrics`` written anew meanwhile.

    An alarm whose telling could not be noted is not told again when there is room.
    Raises: GuardError: for ``patience_s`` the disk answered with errors alone.
    """
    told: deque[str] = deque(maxlen=_MOST_REMEMBERED)
    well_s = time.monotonic()

    def tell_once(alarm: Alarm) -> None:
        if alarm.key not in told:
            handing.tell(alarm)
            told.append(alarm.key)

    def beat_well(at_work: Guard) -> None:
        nonlocal well_s
        well_s = time.monotonic()
        beat(at_work)

    while not stopped.is_set():
        try:
            with (
                State(settings.folder) as state,
                closing(Guard(settings, state, tell_once, answer=handing.answer)) as at_work,
            ):
                at_work.run(stopped, metrics, partial(beat_well, at_work))
        except (sqlite3.OperationalError, OSError) as error:
            fault = _fault_of(error)
            if fault not in _FULL | _BROKEN:
                raise
            if fault in _FULL:
                well_s = time.monotonic()
            elif time.monotonic() - well_s >= patience_s:
                raise _broken(settings.folder, error) from error
            _LOG.warning("the guard cannot keep what it reads, and waits for room on its disk: %s", error)
            stopped.wait(min(_SECONDS_AFTER_FAULT, patience_s))


def _fault_of(error: sqlite3.OperationalError | OSError) -> tuple[str, int | None]:
    """The kind of a fault: who numbers it, and the number."""
    if isinstance(error, OSError):
        return "system", error.errno
    return "sqlite", error.sqlite_errorcode & _FIRST_BYTE


def _broken(folder: Path, error: Exception) -> GuardError:
    what = f"the disk of the guard or of a log answers with errors alone: {error}."
    fix = "look at the disk; with the folder on another one the guard goes on where it was."
    return GuardError(what, where=ErrorPlace(str(folder)), fix=fix)
