"""The newest answer of a case, counted once per run: a finished run never changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ashiato.engine.api import Case, Outcome, latest_run, open_case, open_outcome
from ashiato.exports.facts import Facts
from ashiato.exports.writing import facts_of
from ashiato.rooms.living import now_us
from ashiato.web.console.gaps import UnreadFact, list_unread

_MOST_KEPT = 16


@dataclass(frozen=True)
class Answer:
    """What a finished run found, and whether the case has changed since."""

    run: int
    facts: Facts
    unread: tuple[UnreadFact, ...]
    is_stale: bool


def find_answer(case: Case) -> Answer | None:
    """Return the newest run's answer; None where nothing was investigated yet."""
    number = latest_run(case)
    if number is None:
        return None
    with open_outcome(case) as outcome:
        facts, unread = _counted(str(case.folder), number, outcome.run.finished)
        return Answer(number, facts, unread, outcome.is_stale)


@contextmanager
def answer_open(case: Case) -> Iterator[Outcome | None]:
    """Open the newest run's tables; None where nothing was investigated yet."""
    if latest_run(case) is None:
        yield None
        return
    with open_outcome(case) as outcome:
        yield outcome


@lru_cache(maxsize=_MOST_KEPT)
def _counted(folder: str, run: int, finished: str | None) -> tuple[Facts, tuple[UnreadFact, ...]]:
    """Count a run that its ledger entry ``finished`` pins."""
    del run, finished
    with open_outcome(open_case(Path(folder), now_us)) as outcome:
        return facts_of(outcome), list_unread(outcome.store)
