"""MySQL's and MariaDB's error log: what the server says of itself, and whom it refused.

Source: MySQL 8.4 manual, "Error Log Output Format"; MariaDB Knowledge Base, "Error Log" (read 2026-11-22).
"""

from __future__ import annotations

import re

import orjson

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.cloud_calls import Row, address_of
from ashiato.engine.reading.parser import NOTHING, Parsed
from ashiato.engine.reading.rows import RowParser

_LINE = re.compile(
    r"""(?P<day>\d{4}-\d\d-\d\d|\d{6})[T ]\s?(?P<hour>\d{1,2})
    (?P<time>:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)?)
    \s+(?:(?P<thread>\d+)\s+)?\[(?P<level>System|Error|ERROR|Warning|Note)\]\s+
    (?:\[(?P<code>[A-Z]+-\d+)\]\s+\[(?P<part>\w+)\]\s+)?(?P<message>.*)""",
    re.VERBOSE | re.DOTALL,
)
_BEGINS = re.compile(
    rb"(?m)^(?:\d{4}-\d\d-\d\d|\d{6})[T ] ?\d{1,2}:\d\d:\d\d\S* +(?:\d+ +)?\[(?:System|E|W|Note)"
)
_REFUSED = re.compile(r"Access denied for user '(?P<user>.*)'@'(?P<host>[^']*)'(?P<rest>.*)", re.DOTALL)


class MysqlErrors(RowParser):
    """Reads the server's messages."""

    name = "mysql-error"

    def parse(self, block: Block) -> Parsed:
        """Read the lines that are messages."""
        return super().parse(block) if _BEGINS.search(block.content) else NOTHING

    def row_of(self, line: bytes) -> Row | None:
        """Read one line."""
        found = _LINE.fullmatch(line.decode("utf-8", "replace"))
        if found is None or ("-" in found["day"] and found["thread"] is None):
            # Servers that write the year in four digits name the thread; without it, it is some program's.
            return None
        day = found["day"] if "-" in found["day"] else "20{}-{}-{}".format(*re.findall("..", found["day"]))
        moment = self._clock.read(f"{day} {int(found['hour']):02d}{found['time']}")
        if moment is None:
            return None
        refused = _REFUSED.fullmatch(found["message"])
        return {
            "record_kind": "sql-connection" if refused else "sql-message",
            "time_us": moment[0],
            "time_step_us": moment[1],
            "activity_name": "refused" if refused else None,
            "status": "failure" if refused else None,
            "database_user_name": refused["user"] if refused else None,
            "src_endpoint_ip": address_of(refused["host"]) if refused else None,
            "database_session_uid": found["thread"],
            "error_code": found["code"],
            "message": found["message"],
            "unmapped": orjson.dumps({"level": found["level"]}).decode(),
        }
