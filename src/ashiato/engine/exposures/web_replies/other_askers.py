"""What each request asked for that may have run a statement of which values are missing.

The values of such a statement are those of its surest request. Where several came at once, two statements may
be held to be one request's, and what the other asked for would be nobody's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import count

from ashiato.engine.exposures.executions import Execution
from ashiato.engine.exposures.web_replies.missing_binds import solve_binds
from ashiato.engine.routes import RouteBook

# Far from the numbers of replies without a statement, and of a statement's parts.
_FIRST = -(1 << 42)


def asked_by_others(
    others: Sequence[Execution], told: Iterable[Execution], book: RouteBook, dialect: str
) -> list[Execution]:
    """Return the statements as other requests may have run them, with values that none was run with.

    ``others``: the statements of unsure requests, each with a request that is not its surest; ``told``: the
    executions as they were solved.
    """
    held = {_asked(x) for x in told if x.carries is not False and x.error_code is None}
    numbers = count(_FIRST)
    found: list[Execution] = []
    for before, one in zip(others, solve_binds(others, book, dialect), strict=True):
        if (one.text, one.binds) == (before.text, before.binds) or _asked(one) in held:
            continue
        held.add(_asked(one))
        found.append(replace(one, event_id=next(numbers), event=one.event_id, rows=None, lent=True))
    return found


def _asked(one: Execution) -> tuple[str, str | None, int, str, str | None]:
    """Return what a statement read at its moment: the same words read other rows at another, or elsewhere."""
    return one.path, one.database, one.start_us, one.text, one.binds
