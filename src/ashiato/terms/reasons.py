"""Reason codes: each limit of the evidence by name (docs/semantics.md). Words only at the edge."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ReasonCode(StrEnum):
    """One limit each; the order is that of the semantics page."""

    VALUE_CHANGED = "value-changed"
    DRIFT = "drift"
    ORDER_UNKNOWN = "order-unknown"
    SEMANTICS = "semantics"
    BIND_MISSING = "bind-missing"
    TEXT_CUT = "text-cut"
    MASKED = "masked"
    HIDDEN_READ = "hidden-read"
    NON_SQL_PATH = "non-sql-path"
    POOLED_USER = "pooled-user"
    WEB_ONLY = "web-only"
    BLIND = "blind"
    FAILED = "failed"
    EXISTENCE = "existence"
    WHOSE = "whose"
    NOT_IN_MASTER = "not-in-master"
    GAP = "gap"
    TRUNCATED = "truncated"
    AGGREGATE = "aggregate"
    PARSE_FAILED = "parse-failed"
    COUNT_DIFFERS = "count-differs"
    COUNT_MISSING = "count-missing"
    WITHHELD = "withheld"
    CONTRADICTED = "contradicted"
    SNAPSHOT_MISSING = "snapshot-missing"


@dataclass(frozen=True, order=True)
class Reason:
    """A code with its parameters, e.g. ``drift(column=prefecture)``."""

    code: ReasonCode
    params: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        """Render as files carry it: the code, and its parameters in round brackets."""
        inside = ",".join(f"{name}={value}" for name, value in self.params)
        return f"{self.code}({inside})" if inside else str(self.code)


def split_reasons(reasons: str) -> list[str]:
    """Split what files carry at each ``;`` outside brackets; each reason once, in the order met."""
    found, depth = [""], 0
    for char in reasons:
        depth += (char == "(") - (char == ")")
        if char == ";" and depth <= 0:
            found.append("")
        else:
            found[-1] += char
    return list(dict.fromkeys(reason for reason in found if reason))
