"""Every intruder by name, with what it usually does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from range.intruders import downloads, enumeration, injection, paging, program, stuffing
from range.intruders.attack import Attack


class Intruder(NamedTuple):
    """What it runs, and its usual orders where they differ from :class:`Attack`'s."""

    run: Callable[[Attack], None]
    usual: dict[str, Any]


INTRUDERS = {
    "enumeration": Intruder(enumeration.run, {"rate": 50.0}),
    "slow-enumeration": Intruder(enumeration.run, {"rate": 5.0, "addresses": 50, "sessions": 50}),
    "staff-script": Intruder(paging.by_script, {"rate": 10.0, "addresses": 1}),
    "staff-hand": Intruder(paging.by_hand, {"rate": 0.2, "addresses": 1, "requests": 60}),
    "batch": Intruder(program.run, {"rate": 5.0, "addresses": 1, "requests": 40}),
    "export": Intruder(downloads.export, {"rate": 0.5, "requests": 2}),
    "left-over": Intruder(downloads.left_over, {"rate": 10.0, "addresses": 1}),
    "sqlmap-union": Intruder(injection.by_union, {"rate": 100.0, "addresses": 1, "requests": 2000}),
    "sqlmap-blind": Intruder(injection.blind, {"rate": 100.0, "addresses": 1, "requests": 5000}),
    "stuffing": Intruder(stuffing.run, {"rate": 20.0, "addresses": 20, "requests": 3000}),
}
