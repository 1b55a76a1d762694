"""Application logs of a time, a level, some words and ``key=value`` pairs, one record per line.

``2026-05-12 00:10:49,825 INFO auth signin ok member=C-1 sid=02f9`` reads like the JSON object of those
keys, its words as the event.
"""

from __future__ import annotations

import re
from typing import Any

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.parser import Parsed
from ashiato.engine.reading.parsers.json_lines import JsonLines

_LINE = re.compile(
    r"""
    (?P<time>\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:\ ?(?:Z|[+-]\d\d:?\d\d))?)\s+
    (?:\[?(?P<level>TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL)\]?:?\s+)?
    (?P<rest>\S.*)
    """,
    re.VERBOSE | re.DOTALL,
)
_PAIR = re.compile(r"""(?<!\S)(?P<key>[A-Za-z_][\w.-]{0,63})=(?P<value>"(?:[^"\\]|\\.)*"|\S*)""")
# An agent of the operator's, not a browser: a browser's name has a slash or a blank.
_PERSON = re.compile(r"[\w.@-]{1,64}")


class KeyValueLines(JsonLines):
    """Reads the pairs of a line through a KeyMap, as if they were an object's members."""

    def parse(self, block: Block) -> Parsed:
        """Read the lines that have a time and at least one pair."""
        return self.parse_exactly(block)

    def members_of(self, line: bytes) -> dict[str, Any] | None:
        """Return a line's pairs, with its time, level and words as members of their own."""
        found = _LINE.fullmatch(line.decode("utf-8", "replace").strip())
        pairs = (
            {pair["key"]: _plain(pair["value"]) for pair in _PAIR.finditer(found["rest"])} if found else {}
        )
        if found is None or not pairs:
            return None
        if "agent" in pairs and _PERSON.fullmatch(pairs["agent"]):
            pairs["agent_id"] = pairs.pop("agent")
        words = " ".join(_PAIR.sub(" ", found["rest"]).split())
        told = {"time": found["time"], "level": found["level"], "event": words or None}
        return {**{key: value for key, value in told.items() if value}, **pairs}


def _plain(value: str) -> str:
    if len(value) < 2 or not value.startswith('"'):
        return value
    return re.sub(r"\\(.)", r"\1", value[1:-1])
