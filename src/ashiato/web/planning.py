"""A worker that plans notices beside the pages: ``python -m ashiato.web.planning HOME CASE WANTED``.

Counts who would be told, plans their notices, or puts them into waves; one at a time and case. Nobody is told
by any of it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ashiato.terms.errors import AshiatoError
from ashiato.web.lone_workers import LoneWorker
from ashiato.web.starting import start

if TYPE_CHECKING:
    from ashiato.rooms.cases.api import CaseFile
    from ashiato.rooms.notifying.api import Campaign, DryRun, Planner, Tally

_T = TypeVar("_T")
#: People between two words of how far it is.
_TELL_EACH = 10_000


class Job(StrEnum):
    """What a planner does."""

    COUNT = "count"
    PLAN = "plan"
    WAVES = "waves"


@dataclass(frozen=True)
class Wanted:
    """What a planner is asked for.

    ``language``: of whom no language is known; ``channels``: those to use, the first one first. For waves:
    ``desk`` as ``Desk`` takes it, ``begins`` the first day (ISO, of the case's zone; empty: at once),
    ``chosen`` a region or a client.
    """

    job: Job
    language: str = "ja"
    channels: tuple[str, ...] = ()
    desk: dict[str, int] = field(default_factory=dict)
    begins: str = ""
    chosen: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Planned:
    """What a planner wrote down: of which run, how many people of how many it has taken, what it counted.

    ``exact``: else there are at most so many people. ``refused``, ``fix``: why it broke off. ``is_over``: it
    ended as it should.
    """

    job: str = ""
    run: int = 0
    taken: int = 0
    total: int = 0
    exact: bool = True
    changes: dict[str, int] = field(default_factory=dict)
    channels: dict[str, int] = field(default_factory=dict)
    excluded: dict[str, int] = field(default_factory=dict)
    waves: int = 0
    people: int = 0
    refused: str = ""
    fix: str = ""
    is_over: bool = False


def start_planning(home: Path, case: int, wanted: Wanted, note: Callable[[], object]) -> bool:
    """Start a planner of a case, in a process that outlives this one; False where one is at it already.

    ``note`` keeps who asked before anything begins.
    """
    said = (str(home), str(case), json.dumps(asdict(wanted)))
    return _worker(home, case).start("ashiato.web.planning", said, note)


def is_planning(home: Path, case: int) -> bool:
    """Tell whether a planner of these pages is at it now."""
    return _worker(home, case).is_at_it()


def last_planning(home: Path, case: int) -> Planned | None:
    """Return what the newest planner did so far; None where none was started."""
    return _worker(home, case).last(Planned)


def main(home: Path, case: int, wanted: Wanted) -> None:
    """Plan, and write down what was done as it goes on: who is killed leaves that much."""
    start(home)
    from ashiato.rooms.cases.api import CaseFile  # noqa: PLC0415 - ready only once started

    worker, said = _worker(home, case), Planned(wanted.job)

    def tell(now: Planned) -> None:
        nonlocal said
        said = now
        # What pages show is worth less than the plan: a full disk does not end it.
        with suppress(OSError):
            worker.tell(asdict(now))

    try:
        do = _make_waves if wanted.job is Job.WAVES else _take_people
        said = replace(do(CaseFile.objects.get(pk=case), wanted, tell), is_over=True)
    except AshiatoError as refused:
        said = replace(said, refused=refused.what, fix=refused.fix or "")
    worker.tell(asdict(said))


def _take_people(file: CaseFile, wanted: Wanted, tell: Callable[[Planned], None]) -> Planned:
    from ashiato.engine.api import open_case, open_outcome  # noqa: PLC0415 - as heavy as a run's answer
    from ashiato.rooms.living import now_us  # noqa: PLC0415 - ready only once started
    from ashiato.rooms.notifying import api  # noqa: PLC0415

    folder = Path(file.folder)
    with open_outcome(open_case(folder, now_us)) as outcome:
        total, run = api.count_persons(outcome), outcome.run.number
        taker = _taker(folder, wanted, run)

        def so_far(taken: int) -> Planned:
            return replace(_told(wanted.job, taker.tally), run=run, taken=taken, total=total)

        asking = api.Asking(wanted.language, wanted.channels)
        tell(so_far(0))
        taker.take(_counted(api.people_of(outcome, asking), lambda taken: tell(so_far(taken))))
        return replace(so_far(total), exact=api.is_exact(outcome))


def _taker(folder: Path, wanted: Wanted, run: int) -> DryRun | Planner:
    from ashiato.rooms.notifying import api  # noqa: PLC0415 - ready only once started

    if wanted.job is Job.COUNT:
        return api.DryRun(api.find_campaign(folder), run)
    now = api.MachineClock().now()
    return api.Planner(api.open_campaign(folder, api.USUAL_DUTY, now, wanted.language), run, now)


def _counted(things: Iterable[_T], tell: Callable[[int], None]) -> Iterator[_T]:
    for number, each in enumerate(things, 1):
        if number % _TELL_EACH == 0:
            tell(number)
        yield each


def _told(job: Job, tally: Tally) -> Planned:
    changes = {str(change): count for change, count in tally.counts.items() if count}
    return Planned(job, changes=changes, channels=dict(tally.channels), excluded=dict(tally.excluded))


def _make_waves(file: CaseFile, wanted: Wanted, tell: Callable[[Planned], None]) -> Planned:
    from ashiato.rooms.notifying import api  # noqa: PLC0415 - ready only once started

    tell(Planned(wanted.job))
    campaign: Campaign = api.get_campaign(Path(file.folder))
    begins = datetime.fromisoformat(wanted.begins) if wanted.begins else None
    desk, now = api.Desk(**wanted.desk), api.MachineClock().now()
    waves = api.draft_waves(campaign, desk, now, wanted.chosen, begins)
    return Planned(wanted.job, waves=len(waves), people=sum(wave.people for wave in waves))


def _worker(home: Path, case: int) -> LoneWorker:
    return LoneWorker(home, f"planning-{case}")


def _wanted_of(text: str) -> Wanted:
    said = json.loads(text)
    return Wanted(**{**said, "job": Job(said["job"]), "channels": tuple(said["channels"])})


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), _wanted_of(sys.argv[3]))
