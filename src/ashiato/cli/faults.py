"""What nobody foresaw: said in our words, kept in a file that names places in the program and nothing else.

The words of a foreign exception may quote a log line or a person's data, so they are shown and kept nowhere.
"""

from __future__ import annotations

import errno
import os
import platform
import traceback
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

from ashiato import __version__
from ashiato.cli.screen import complain
from ashiato.cli.surroundings import now_us
from ashiato.terms.errors import AshiatoError, Place
from ashiato.terms.times import moment_of

FAULT = 8
#: Under this name the framework's context knows the case's folder (cli/options.py).
CASE = "ashiato.case"
_FOLDER = "faults"
_OWN = "ashiato"
#: Refusals of the machine that an operator can lift, and how.
_REMEDIES = {
    errno.ENOSPC: "make room on that disk, then run the same command again: it goes on where it stopped",
    errno.EDQUOT: "make room on that disk, then run the same command again: it goes on where it stopped",
    errno.EACCES: "give this user the right to it, then run the same command again",
    errno.EPERM: "give this user the right to it, then run the same command again",
    errno.EROFS: "name a folder that can be written to",
    errno.EMFILE: "raise the limit of open files (`ulimit -n`), then run the same command again",
    errno.ENOENT: "see that this path exists, then run the same command again",
}


class FaultError(AshiatoError):
    """Something went wrong that no stage foresaw: the machine refused, or the program is at fault."""

    exit_code = FAULT


def complain_of(error: Exception, ctx: Any) -> None:  # noqa: ANN401 - the framework's context
    """Print what happened and what to do; beside a case, keep where in the program it happened."""
    folder: Path | None = ctx.meta.get(CASE)
    if isinstance(error, OSError) and error.errno in _REMEDIES:
        complain(_refusal_of(error))
        return
    if isinstance(error, MemoryError):
        complain(FaultError("there is not enough memory", fix="free some, then run the same command again"))
        return
    kept = _keep(error, folder, str(ctx.invoked_subcommand or ""))
    what = f"a fault in the program itself: {_kind_of(error)} at {_last_own_place(error)}"
    again = "the case is whole; run the same command again, it goes on from what was finished"
    sending = f"; if it comes again, report it with {kept} (it holds nothing of the case)" if kept else ""
    complain(FaultError(what, where=Place(str(folder)) if folder else None, fix=again + sending))


def _refusal_of(error: OSError) -> FaultError:
    what = f"the machine refuses: {os.strerror(error.errno or 0)}"
    where = Place(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else None
    return FaultError(what, where=where, fix=_REMEDIES[error.errno or 0])


def _keep(error: Exception, folder: Path | None, verb: str) -> Path | None:
    """Write the detail file (0600) into the case; None where there is no case, or no way to write."""
    if folder is None or not (folder / "case.json").is_file():
        return None
    stamp = moment_of(now_us(), UTC)
    path = folder / _FOLDER / f"{stamp:%Y%m%dT%H%M%S.%fZ}.txt"
    lines = [
        f"Ashiato {__version__}, Python {platform.python_version()}, {platform.platform()}",
        f"{verb} at {stamp.isoformat()}",
        "Places in the program, the outermost first; nothing of the case stands here.",
        *_told(error),
    ]
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.writelines(f"{line}\n" for line in lines)
    except OSError:
        return None
    return path


def _told(error: BaseException) -> Iterator[str]:
    """The kinds and places of an error and of what led to it, without a word of theirs."""
    before = error.__cause__ or error.__context__
    if before is not None:
        yield from _told(before)
        yield "and then"
    yield _kind_of(error)
    yield from (f"  {place}" for place in _places(error))


def _kind_of(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")


def _places(error: BaseException) -> list[str]:
    walked = traceback.walk_tb(error.__traceback__)
    return [f"{frame.f_globals.get('__name__')}:{line} {frame.f_code.co_name}" for frame, line in walked]


def _last_own_place(error: BaseException) -> str:
    places = _places(error)
    own = [place for place in places if place.startswith(f"{_OWN}.")]
    return (own or places or ["a place unknown"])[-1]
