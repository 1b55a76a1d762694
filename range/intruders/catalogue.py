"""Every intruder by name, with what it usually does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from range.intruders import enumeration
from range.intruders.attack import Attack


class Intruder(NamedTuple):
    """What it runs, and its usual orders where they differ from :class:`Attack`'s."""

    run: Callable[[Attack], None]
    usual: dict[str, Any]


INTRUDERS = {
    "enumeration": Intruder(enumeration.run, {"rate": 50.0}),
    "slow-enumeration": Intruder(enumeration.run, {"rate": 5.0, "addresses": 50, "sessions": 50}),
}
