"""The ladder a caller climbs, what each rung allows, and how often one may slip.

A rung is reached whole or not at all, and what was wrong is never said: a code alone, or facts alone, change
nothing that anybody can see.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum


class Rung(IntEnum):
    """How surely a caller is the person they say they are."""

    NOBODY = 0
    #: The code of a message that was sent, and two of three facts that do not stand on it.
    FACTS = 1
    #: And reached at the number on file, with the word they were given before.
    CALLED_BACK = 2


#: Facts that one try may offer, and how many of them have to be right.
OFFERED, RIGHT = 3, 2


@dataclass(frozen=True)
class Limits:
    """How many failed tries are borne: of one contact, and within ``span`` of one person, agent and caller.

    ``everyone``: failed tries of a whole desk within an hour, above which a lead is told.
    """

    contact: int = 3
    person: int = 5
    agent: int = 20
    caller: int = 4
    claims: int = 3
    words: int = 3
    everyone: int = 100
    span: timedelta = timedelta(hours=24)
    hour: timedelta = timedelta(hours=1)


LIMITS = Limits()
