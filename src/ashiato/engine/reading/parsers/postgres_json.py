"""PostgreSQL's jsonlog (15 and later): one JSON object per message."""

from __future__ import annotations

from typing import Any

import numpy as np

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.json_values import load_json
from ashiato.engine.reading.parser import NOTHING, Parsed, Parser
from ashiato.engine.reading.parsers.postgres_columns import Entry, columns_of_entries
from ashiato.engine.reading.times import Clock

_NEEDED = {"timestamp", "error_severity", "message"}


class PostgresJson(Parser):
    """Reads objects with a severity and a message (PostgreSQL 17 "Using JSON-Format Log Output")."""

    name = "postgresql-jsonlog"

    def __init__(self, clock: Clock) -> None:
        """``clock`` answers for times without letters or an offset."""
        self._clock = clock

    def parse(self, block: Block) -> Parsed:
        """Read the lines that are jsonlog messages."""
        entries, index = [], []
        for at, line in enumerate(block.lines()):
            entry = self._entry(line)
            if entry is not None:
                entries.append(entry)
                index.append(at)
        where = np.array(index, np.int64)
        return Parsed(where, where, columns_of_entries(entries)) if entries else NOTHING

    def _entry(self, line: bytes) -> Entry | None:
        if b'"error_severity"' not in line:
            return None
        try:
            said: Any = load_json(line.decode("utf-8", "replace"))
        except ValueError:
            return None
        if not isinstance(said, dict) or not said.keys() >= _NEEDED:
            return None
        text = {key: str(value) for key, value in said.items() if value is not None}
        moment = self._clock.read(text.get("timestamp", ""))
        return None if moment is None else _entry_of(text, moment)


def _entry_of(text: dict[str, str], moment: tuple[int, int]) -> Entry:
    host, port = text.get("remote_host"), text.get("remote_port")
    return Entry(
        *moment,
        user=text.get("user"),
        database=text.get("dbname"),
        peer=f"{host}({port})" if host and port else host,
        session=text.get("session_id"),
        session_line=text.get("line_num"),
        command=text.get("ps"),
        severity=text["error_severity"],
        sql_state=text.get("state_code"),
        message=text["message"],
        detail=text.get("detail"),
        hint=text.get("hint"),
        context=text.get("context"),
        statement=text.get("statement"),
        application=text.get("application_name"),
    )
