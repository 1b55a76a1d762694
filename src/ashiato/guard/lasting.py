"""A guard that outlasts a disk without room: it waits, and begins again at what was kept.

What a guard has in its head is ahead of a state that was not kept, so that it is let go of. Lines lie in
their files meanwhile; nothing is told that is not kept, and the guard does not show itself, which staff are
told of.
"""

from __future__ import annotations

import errno
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from threading import Event

from ashiato.guard.running import Guard, Tell
from ashiato.guard.settings import Settings
from ashiato.guard.state import State
from ashiato.terms.alarms import Alarm

_SECONDS_AFTER_FAULT = 2.0
_OF_SQLITE = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})
_OF_THE_SYSTEM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO})
_FIRST_BYTE = 0xFF
_LOG = logging.getLogger(__name__)


def follow(
    settings: Settings,
    tell: Tell,
    stopped: Event,
    beat: Callable[[Guard], None],
    metrics: Path | None = None,
) -> None:
    """Follow until told to stop; ``beat`` is called after every step, ``metrics`` written anew meanwhile.

    An alarm whose telling could not be noted is not told again when there is room.
    """
    told = ""

    def tell_once(alarm: Alarm) -> None:
        nonlocal told
        if alarm.key != told:
            tell(alarm)
            told = alarm.key

    while not stopped.is_set():
        try:
            with State(settings.folder) as state, closing(Guard(settings, state, tell_once)) as at_work:
                at_work.run(stopped, metrics, partial(beat, at_work))
        except (sqlite3.OperationalError, OSError) as error:
            if not _is_of_the_disk(error):
                raise
            _LOG.warning("the guard cannot keep what it reads, and waits for room on its disk: %s", error)
            stopped.wait(_SECONDS_AFTER_FAULT)


def _is_of_the_disk(error: sqlite3.OperationalError | OSError) -> bool:
    if isinstance(error, OSError):
        return error.errno in _OF_THE_SYSTEM
    return error.sqlite_errorcode & _FIRST_BYTE in _OF_SQLITE
