"""How pySigma is told to parse: it checks no pattern, for ours are checked by the engine that runs them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from sigma.policy import SigmaPolicy
from sigma.policy.regex_engine import RegexEngine

if TYPE_CHECKING:
    from sigma.policy.regex_engine import RegexPattern


class _Unchecked(RegexEngine):
    """Takes every pattern: RE2 by way of pySigma would write to the screen, Python's own is not bounded."""

    def compile(self, pattern: str, flags: int = 0) -> RegexPattern:  # noqa: ARG002 - as pySigma calls it
        """Return a pattern that nobody matches with."""
        return cast("RegexPattern", re.compile(""))

    @property
    def error(self) -> type[Exception]:
        """What a refused pattern would raise."""
        return re.error


POLICY = SigmaPolicy(regex_engine=_Unchecked())
