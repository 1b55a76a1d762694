"""What the worker does beside its runs, round after round, whatever the database does meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress

from django.db import Error, connection

SECONDS_BETWEEN = 1.0
_SECONDS_AFTER_FAULT = 5.0
_LOG = logging.getLogger(__name__)


def go_round(take_round: Callable[[], object], is_over: Callable[[float], bool], trouble: str) -> None:
    """Take rounds until it is over; ``is_over`` waits so many seconds for that.

    No fault of the database here, however lasting, ends a run; ``trouble`` says in the log what waits.
    """
    pause = SECONDS_BETWEEN
    try:
        while not is_over(pause):
            pause = SECONDS_BETWEEN
            try:
                take_round()
            except Error as error:
                _LOG.warning("%s just now: %s", trouble, type(error).__name__)
                pause = _SECONDS_AFTER_FAULT
                with suppress(Error):
                    connection.close()
    finally:
        connection.close()
