"""Check a case from the outside: nothing changed since it was sealed, and answers follow from raw lines.

Reads everything in the case and the folders it was exported to; writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ashiato.engine.case import Case
from ashiato.engine.ledger import LEDGER
from ashiato.engine.sealed import MANIFEST
from ashiato.engine.verifying.outputs import check_decisions, check_drafts, check_exports, check_runs
from ashiato.engine.verifying.problems import Kind, Problem, compare_chain
from ashiato.engine.verifying.sample import check_sample
from ashiato.engine.verifying.sealed_files import (
    check_case_file,
    check_evidence,
    check_pinned,
    check_snapshots,
    check_tokens,
)
from ashiato.terms.errors import AshiatoError

__all__ = ["Kind", "Problem", "verify_case"]

_CHECKS: tuple[tuple[str, Callable[[Case], Iterator[Problem]]], ...] = (
    ("ledger", lambda case: compare_chain(case.folder / LEDGER, LEDGER)),
    ("manifest", lambda case: compare_chain(case.folder / MANIFEST, MANIFEST)),
    ("case file", lambda case: check_case_file(case.folder)),
    ("manifest in the ledger", lambda case: check_pinned(case.folder)),
    ("evidence", lambda case: check_evidence(case.folder)),
    ("tokens", lambda case: check_tokens(case.folder)),
    ("snapshots", lambda case: check_snapshots(case.folder)),
    ("runs", check_runs),
    ("exports", check_exports),
    ("decisions", check_decisions),
    ("drafts", check_drafts),
    ("sample from raw lines", check_sample),
)


def verify_case(case: Case, tell: Callable[[str, int, int], None] = lambda *_: None) -> list[Problem]:
    """Return everything that is not as it was sealed; an empty list when nothing is.

    A check that cannot go on, because what it reads is itself damaged, says so and costs no other.
    """
    problems: list[Problem] = []
    for place, (name, check) in enumerate(_CHECKS):
        tell(name, place, len(_CHECKS))
        problems.extend(_found(name, check, case))
    return problems


def _found(name: str, check: Callable[[Case], Iterator[Problem]], case: Case) -> list[Problem]:
    found: list[Problem] = []
    try:
        found.extend(check(case))
    except (AshiatoError, KeyError, TypeError, ValueError, OSError) as error:
        found.append(Problem(Kind.ALTERED, name, f"this check cannot go on: {error}"))
    return found
