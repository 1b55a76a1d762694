"""Looks at people: a reason for each, and an entry of the ledger before anything shows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ashiato.rooms.accounts.api import record_entry
from ashiato.rooms.cases.api import make_key, name_by
from ashiato.web.console.doors import CaseRequest

_SHORTEST, _LONGEST = 5, 400


def is_reason(text: str) -> bool:
    """Tell whether a text is long enough to be a reason, and no longer than the ledger keeps."""
    return _SHORTEST <= len(text) <= _LONGEST


def keep_look(here: CaseRequest, person: str, verb: str, reason: str) -> None:
    """Keep who looked at whom and why; the person is named by a code under the case's key."""
    why, subject = why_of(here, reason), code_of(here, person)
    record_entry(here.staff, verb, here.file.name, at=here.now, why=why, subject=subject)


def why_of(here: CaseRequest, reason: str) -> str:
    """Return what ledgers keep of why; a program's look begins with its token, as its making names it."""
    return ": ".join(filter(None, (here.token and f"token {here.token}", reason)))


def code_of(here: CaseRequest, person: str) -> str:
    """Return the code by which the server's ledger names somebody, or a pair of them, of this case."""
    return namer_of(here)(person)


def namer_of(here: CaseRequest) -> Callable[[str], str]:
    """Return what gives such codes to many: the key is read once."""
    return partial(name_by, make_key(f"case-{here.file.pk}"))
