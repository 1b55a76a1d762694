"""Investigate a case and die of SIGKILL at one place: ``dying.py CASE STAGE first|last``.

``first``: the stage's first table is written, and not yet in its place. ``last``: all of its tables are
there, and nothing says yet that the stage is done. The stage ``ledger`` is the run's entry there: before it
is written, and after.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn
from unittest import mock

from ashiato.engine import pipeline
from ashiato.engine.case import Case, open_case
from ashiato.engine.runs import Run
from tests.journeys.demo import NOW_US

LEDGER = "ledger"


def _die(*_: object, **__: object) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def _dying_before_a_table_appears(build: Callable[[Any], None]) -> Callable[[Any], None]:
    replace = Path.replace

    def replaced(path: Path, target: Path) -> Path:
        return _die() if path.suffix == ".parquet" else replace(path, target)

    def dying(workspace: object) -> None:
        with mock.patch.object(Path, "replace", replaced):
            build(workspace)

    return dying


def main() -> None:
    """Investigate until death."""
    folder, stage, place = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    if stage == LEDGER:
        owner, name = (Case, "record") if place == "first" else (Run, "write")
        setattr(owner, name, _die)
    elif place == "first":
        module = dict(pipeline.STAGES)[stage]
        mock.patch.object(module, "build", _dying_before_a_table_appears(module.build)).start()
    else:
        mark_done = Run.mark_done
        dying = lambda run, name, tables: _die() if name == stage else mark_done(run, name, tables)  # noqa: E731
        mock.patch.object(Run, "mark_done", dying).start()
    pipeline.investigate(open_case(folder, lambda: NOW_US))


if __name__ == "__main__":
    main()
