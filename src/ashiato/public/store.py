"""Read the narrow store: the edition in force, whether a code was given out, a bucket of records."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection

from ashiato.bundle.keys import PublicKeys
from ashiato.bundle.openings import fingerprint_of
from ashiato.public.configuration import PublicConfiguration
from ashiato.public.models import Edition
from ashiato.terms.errors import ServerError

_FRESH_S = 5.0
#: The edition in force, asked with what is asked of it: no page sees half of one.
_IN_FORCE = "edition = (SELECT max(number) FROM public_edition)"


@dataclass(frozen=True)
class Store:
    """The store as pages ask it."""

    keys: PublicKeys

    def has_code(self, code: str) -> bool:
        """Tell whether a message of ours bears this code."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT 1 FROM public_codegiven WHERE fingerprint = %s AND {_IN_FORCE}",
                [fingerprint_of(self.keys.pepper, code)],
            )
            return cursor.fetchone() is not None

    def bucket(self, number: int) -> bytes:
        """Return the records of a bucket; empty where there is none of this number."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT records FROM public_recordbucket WHERE number = %s AND {_IN_FORCE}", [number]
            )
            found = cursor.fetchone()
        return bytes(found[0]) if found else b""


class Current:
    """The edition in force, looked up at most every five seconds."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._edition: Edition | None = None
        self._canaries: frozenset[str] = frozenset()
        self._until = 0.0

    def edition(self) -> Edition:
        """Return it; ServerError where no bundle was loaded yet."""
        now = time.monotonic()
        if self._edition is None or now >= self._until:
            self._edition, self._until = newest_edition(), now + _FRESH_S
            self._canaries = frozenset(self._edition.statement["canaries"])
        return self._edition

    def canaries(self) -> frozenset[str]:
        """Return the marks of codes that stand on no message."""
        self.edition()
        return self._canaries

    def statement(self) -> dict[str, Any]:
        """Return what is said to everybody."""
        said: dict[str, Any] = self.edition().statement
        return said


def newest_edition() -> Edition:
    """Return the edition in force; ServerError where no bundle was loaded yet."""
    found = Edition.objects.order_by("-number").first()
    if found is None:
        raise ServerError("no bundle was loaded yet", fix="ashiato public load BUNDLE --home DIR")
    return found


@cache
def own_store() -> Store:
    """Return the store with the keys of this process."""
    public: PublicConfiguration = settings.PUBLIC
    return Store(public.keys())


CURRENT = Current()
