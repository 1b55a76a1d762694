"""A database that is away is waited for; what is wrong by our own making is not."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from django.db import DataError, Error, IntegrityError, NotSupportedError, ProgrammingError, connection

from ashiato.rooms.living import Clock

_T = TypeVar("_T")
#: Faults of our own making, which no waiting mends.
_OURS = (DataError, IntegrityError, NotSupportedError, ProgrammingError)


@dataclass(frozen=True)
class Patience:
    """Who waits, how many seconds between two tries, and until it is told to stop."""

    clock: Clock
    stopped: Callable[[], bool]
    seconds: float = 1.0

    def insist(self, do: Callable[[], _T]) -> _T:
        """Do something with the database until it is done; it may be done twice where no answer came."""
        while True:
            try:
                return do()
            except Error as error:
                self.endure(error)

    def endure(self, error: Error) -> None:
        """Wait for the database to come back; a fault of our own is raised, and so is any once stopped."""
        if isinstance(error, _OURS) or self.stopped():
            raise error
        with suppress(Error):
            connection.close()
        self.clock.wait(self.seconds)
