"""A process that runs one investigation: ``python -m ashiato.web.investigator FOLDER LOCK_FILE SINCE_US``.

It is started by a worker alone and says on standard output, a JSON object a line, how far it is and how it
ended. It stops when its standard input ends, as it does when the worker dies; until then it holds the
worker's lock too, so that nobody takes the run for free. It knows no Django and no database.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import traceback
from contextlib import suppress
from pathlib import Path

from ashiato.engine.api import Case, answered_at, investigate_case, latest_run, open_case, open_outcome
from ashiato.rooms.living import now_us, shared_lock
from ashiato.terms.errors import AshiatoError, CaseHeldError
from ashiato.terms.times import us_of


def main(folder: Path, lock_file: Path, since_us: int) -> None:
    """Investigate, unless an answer was made since it was asked for; say how it ended."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    asked_to_stop = threading.Event()
    with shared_lock(lock_file):
        threading.Thread(target=_heed, args=(asked_to_stop,), daemon=True).start()
        try:
            _say(run=_answer(open_case(folder, now_us), since_us))
        except BaseException as error:  # noqa: BLE001 - the last door: whatever it is, the worker hears of it
            _say(**({"stopped": True} if asked_to_stop.is_set() else _told(error)))


def _answer(case: Case, since_us: int) -> int:
    """Return the number of the run; one that ended just before its worker died is not made twice."""
    made = answered_at(case)
    number = latest_run(case)
    if made is not None and number is not None and us_of(made) >= since_us:
        with open_outcome(case) as outcome:
            if not outcome.is_stale:
                return number
    tell = _Telling().tell
    return investigate_case(case, tell=tell).number


class _Telling:
    """Says each stage, and each hundredth of it."""

    def __init__(self) -> None:
        self._said: tuple[str, int] | None = None

    def tell(self, stage: str, done: int, total: int) -> None:
        at = (stage, 100 * done // max(total, 1))
        if at != self._said:
            self._said = at
            _say(stage=stage, done=done, total=total)


def _heed(asked_to_stop: threading.Event) -> None:
    """Interrupt the investigation once nobody holds our standard input any more."""
    while os.read(0, 1):
        pass
    asked_to_stop.set()
    os.kill(os.getpid(), signal.SIGINT)


def _told(error: BaseException) -> dict[str, object]:
    if isinstance(error, AshiatoError):
        where = "" if error.where is None else str(error.where)
        is_held = isinstance(error, CaseHeldError)
        return {"fault": error.what, "where": where, "fix": error.fix or "", "is_held": is_held}
    # What a fault of ours says may hold a value of the evidence: it is named by its kind and its place alone.
    last = traceback.extract_tb(error.__traceback__)[-1]
    return {
        "fault": f"the run broke off: {type(error).__name__}",
        "where": f"{Path(last.filename).name}:{last.lineno}",
        "fix": "`ashiato investigate` on the command line writes a file with the details",
    }


def _say(**told: object) -> None:
    # Of a worker that died nobody listens; that is heard elsewhere (``_heed``).
    with suppress(BrokenPipeError):
        os.write(1, (json.dumps(told) + "\n").encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
