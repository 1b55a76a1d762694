"""One estate played and judged, in a process of its own."""

from __future__ import annotations

import traceback

from tests.proof.estates import play
from tests.proof.judging import Fault, Verdict, judge


def prove(seed: int, count: int, only: int | None = None, without: frozenset[str] = frozenset()) -> Verdict:
    """Play and judge one estate; a crash is a fault as well."""
    try:
        return judge(play(seed, count, only, without))
    except Exception as error:  # noqa: BLE001 - whatever stops the engine is what we look for
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{where.filename.rsplit('/', 3)[-1]}:{where.lineno}"
        told = f"{type(error).__name__}: {str(error)[:300]} at {place}"
        return Verdict(faults=[Fault("crash", "", told)])
