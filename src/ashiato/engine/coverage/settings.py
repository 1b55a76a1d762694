"""What a server's configuration says of its statement log.

Sources: PostgreSQL 17 "Error Reporting and Logging", read 2026-11-22.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE = re.compile(
    r"^[ \t]*(log_\w+|include\w*)[ \t]*=?[ \t]*('(?:[^'\n]|'')*'|[^\s#]+)", re.MULTILINE | re.IGNORECASE
)


@dataclass(frozen=True)
class LogSettings:
    """The settings that decide whether every statement is logged; ``whole``: no other file is included."""

    values: dict[str, str]
    whole: bool

    @property
    def logs_all(self) -> bool:
        """Whether the configuration says that every statement is logged."""
        threshold = self.values.get("log_min_duration_statement", "-1")
        return self.whole and (self.values.get("log_statement") == "all" or threshold in ("0", "0ms"))

    @property
    def logs_less(self) -> bool:
        """Whether the configuration says that some statements are not logged."""
        return bool(self.values) and self.whole and not self.logs_all

    @property
    def may_lose_lines(self) -> bool:
        """Whether lines go a way on which some may be lost."""
        return "syslog" in self.values.get("log_destination", "")


def read_settings(texts: list[str]) -> LogSettings:
    """Return the settings of a server's files, in the order in which they are read: the last one wins."""
    values: dict[str, str] = {}
    whole = bool(texts)
    for text in texts:
        for name, value in _LINE.findall(text):
            if name.lower().startswith("include"):
                whole = False
            else:
                values[name.lower()] = value.strip("'").lower()
    return LogSettings(values, whole)
