"""What stands before the message in PostgreSQL's stderr log: a known ``log_line_prefix`` or any other.

Source: PostgreSQL 17 "Error Reporting and Logging", table of log_line_prefix escapes (read 2026-11-22).
"""

from __future__ import annotations

import re
from typing import NamedTuple

_MOMENT = r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?[A-Za-z]{1,5}\b| ?[+-]\d\d(?::?\d\d)?)?"
_ESCAPES = {
    "t": rf"(?P<time>{_MOMENT})",
    "m": rf"(?P<time>{_MOMENT})",
    "n": r"(?P<time>\d{9,11}\.\d+)",
    "u": r"(?P<user>.*?)",
    "d": r"(?P<database>.*?)",
    "a": r"(?P<application>.*?)",
    "r": r"(?P<peer>\[local\]|[^\s(]*(?:\(\d+\))?|)",
    "h": r"(?P<host>\[local\]|\S*?)",
    "p": r"(?P<pid>\d+)",
    "c": r"(?P<session>[0-9a-f]+\.[0-9a-f]+)",
    "l": r"(?P<line>\d+)",
    "e": r"(?P<state>[0-9A-Z]{5})",
    "i": r"(?P<command>.*?)",
    "s": _MOMENT,
    "b": r".*?",
    "L": r"\S*?",
    "v": r"\S*?",
    "x": r"\d+",
    "P": r"\d*",
    "Q": r"-?\d+",
    "%": "%",
}
_TOKEN = re.compile(r"%-?\d*([A-Za-z%])|([^%]+|%)")
SEVERITY = (
    r"(?P<severity>DEBUG[1-5]?|INFO|NOTICE|WARNING|LOG|ERROR|FATAL|PANIC"
    r"|DETAIL|HINT|QUERY|CONTEXT|LOCATION|STATEMENT|BACKTRACE)"
)
#: Any prefix that begins with a moment; what lies between it and the severity is searched for shapes.
_ANY = re.compile(
    rf"(?P<time>{_MOMENT}|\d{{9,11}}\.\d{{3}})(?P<between>.{{0,400}}?)\b{SEVERITY}:  ?(?P<text>.*)"
)
_WORD = r"(?:\[[\w/ ]+\]|[^,\s\]]*)"
_SHAPES = {
    "user": re.compile(rf"\buser[=:] ?(?P<it>{_WORD})|(?P<also>[^\s=:,@\[\]()]*)@[^\s=,@:\[\]()]*"),
    "database": re.compile(rf"\b(?:db|database|dbname)[=:] ?(?P<it>{_WORD})|@(?P<also>[^\s=,@:\[\]()]*)"),
    "application": re.compile(
        r"\b(?:app|application|application_name|appname)[=:] ?"
        r"(?P<it>\[[\w/ ]+\]|[^,\]]*?)(?:,|\]|\s*$|\s+\w+=)"
    ),
    "peer": re.compile(
        rf"\b(?:client|host|remote|from|addr)[=:] ?(?P<it>{_WORD})"
        r"|(?<![0-9A-Fa-f.])(?P<also>[0-9a-f][0-9a-f.:]*\(\d+\)|\[local\])"
        r"|(?<![\w.:])(?P<third>\d{1,3}(?:\.\d{1,3}){3})(?![\w.])"
    ),
    "pid": re.compile(r"\[(?P<it>\d+)\]|\bpid[=:] ?(?P<also>\d+)|postgres[.\[](?P<third>\d+)"),
    "session": re.compile(r"\b(?P<it>[0-9a-f]{8}\.[0-9a-f]{1,8})\b"),
    "line": re.compile(r"\[(?P<it>\d+)-\d+\]"),
    "state": re.compile(r"(?:sql_error_code ?= ?|state=|sqlstate=)(?P<it>[0-9A-Z]{5})"),
}
#: A later line of a message as a log service numbers it: ``[19-2]`` goes on with ``[19-1]``.
_LATER = re.compile(
    rf"{_MOMENT}(?P<between>.{{0,400}}?\[(?P<line>\d+)-(?P<part>[2-9]|\d\d+)\]) ?(?P<text>.*)"
)
_PID_AND_LINE = re.compile(r"\[(?P<pid>\d+)-(?P<line>\d+)\]")
_UNKNOWN = frozenset({"", "[unknown]", "[N/A]"})
_MOST_KNOWN = 5000


class Head(NamedTuple):
    """A line's prefix and severity, and the text after them."""

    time: str
    severity: str
    text: str
    said: dict[str, str]


class PrefixReader:
    """Takes lines apart by the configured prefix, and where that does not fit by what can be seen."""

    def __init__(self, written: str | None = None) -> None:
        """``written`` is a ``log_line_prefix``; None when none is known."""
        self._pattern = None if written is None else pattern_of(written)
        self._between: dict[str, dict[str, str]] = {}

    def read(self, line: str) -> Head | None:
        """Return the line's head, or None when it begins no message."""
        if self._pattern is not None and (found := self._pattern.fullmatch(line)):
            groups = {name: text for name, text in found.groupdict().items() if text}
            time, severity = groups.pop("time", None), groups.pop("severity")
            if time is not None:
                return Head(time, severity, groups.pop("text", ""), _known(groups))
        found = _ANY.fullmatch(line)
        if found is None:
            return None
        return Head(found["time"], found["severity"], found["text"], self._search(found["between"]))

    def read_later(self, line: str, before: Head) -> str | None:
        """Return the text of a line that goes on with the message of ``before``, or None."""
        found = _LATER.fullmatch(line) if "line" in before.said else None
        if found is None or found["line"] != before.said["line"]:
            return None
        # A tab stands before each line of a message but its first.
        text = found["text"].removeprefix("\t")
        return text if self._search(found["between"]).get("pid") == before.said.get("pid") else None

    def _search(self, between: str) -> dict[str, str]:
        said = self._between.get(between)
        if said is None:
            said = _known({name: text for name, shape in _SHAPES.items() if (text := _seen(shape, between))})
            if (both := _PID_AND_LINE.search(between)) and not said.keys() & {"pid", "session"}:
                # Where syslog numbers a message's lines so, it names the process besides.
                said |= {"pid": both["pid"], "line": both["line"]}
            if len(self._between) < _MOST_KNOWN:
                self._between[between] = said
        return said


def pattern_of(written: str) -> re.Pattern[str] | None:
    """A ``log_line_prefix`` as a pattern over a message's first line; None when it has no time."""
    text, seen, optional = "", set(), 0
    for escape, literal in _TOKEN.findall(written):
        if literal:
            text += re.escape(literal)
        elif escape == "q":
            text, optional = f"{text}(?:", optional + 1
        else:
            pattern = _ESCAPES.get(escape, r"\S*?")
            name = re.match(r"\(\?P<(\w+)>", pattern)
            if name and name[1] in seen:
                pattern = pattern.replace(f"?P<{name[1]}>", "?:", 1)
            seen.add(name[1] if name else "")
            text += pattern
    if "time" not in seen:
        return None
    return re.compile(text + ")?" * optional + SEVERITY + ":  ?(?P<text>.*)")


def _seen(shape: re.Pattern[str], text: str) -> str | None:
    found = shape.search(text)
    return next((group for group in found.groups() if group), None) if found else None


def _known(said: dict[str, str]) -> dict[str, str]:
    kept = {name: text.strip() for name, text in said.items() if text.strip() not in _UNKNOWN}
    if "host" in kept:
        kept.setdefault("peer", kept.pop("host"))
    return kept
