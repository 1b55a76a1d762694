"""PostgreSQL's stderr log: a prefix, a severity, a message; more lines begin with a tab."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ashiato.engine.reading.blocks import Block
from ashiato.engine.reading.parser import NOTHING, Parsed, Parser
from ashiato.engine.reading.parsers.postgres_columns import Entry, columns_of_entries
from ashiato.engine.reading.parsers.postgres_prefixes import Head, PrefixReader
from ashiato.engine.reading.times import Clock, Moment

#: Severities that only add to the message before them.
_ADDING = {
    "DETAIL": "detail", "HINT": "hint", "QUERY": "query", "CONTEXT": "context", "LOCATION": "location",
    "STATEMENT": "statement", "BACKTRACE": "backtrace",
}  # fmt: skip


@dataclass
class Message:
    """One message in the making: its first line's head, the lines it spans, and what was added to it."""

    head: Head
    moment: Moment
    first: int
    last: int
    parts: dict[str, list[str]] = field(default_factory=dict)
    at: str = "message"
    is_open: bool = True

    def goes_on_at(self, index: int) -> bool:
        """Whether the line of this index may belong to it."""
        return self.is_open and self.last == index - 1


class PostgresText(Parser):
    """Reads messages with what follows them: DETAIL, STATEMENT and the lines that begin with a tab."""

    name = "postgresql-stderr"
    many_lined = True

    def __init__(self, clock: Clock, prefix: str | None = None) -> None:
        """``prefix`` is the server's ``log_line_prefix`` where its configuration was found."""
        self._clock = clock
        self.written = prefix

    def cut(self, block: Block) -> int:
        """Keep what comes before the last message that could still go on."""
        if block.ended:
            return len(block)
        reader = PrefixReader(self.written)
        for index in range(len(block) - 1, -1, -1):
            head = self._head(reader, block.line(index))
            if head is not None and head.severity not in _ADDING:
                return index
        return 0

    def parse(self, block: Block) -> Parsed:
        """Read the messages that begin in the block."""
        reader = PrefixReader(self.written)
        messages: list[Message] = []
        # Where another format has read lines in between, no message goes on.
        adjoins = np.diff(block.numbers, prepend=block.numbers[:1] - 1) == 1
        for index, line in enumerate(block.lines()):
            if not adjoins[index] and messages:
                messages[-1].is_open = False
            if line.startswith((b"\t", b"#011")):
                _go_on(messages, index, _text_of(line.removeprefix(b"#011").removeprefix(b"\t")))
            elif (head := self._head(reader, line)) is not None:
                self._begin(messages, index, head)
            elif messages and b"-" in line:
                _go_on(messages, index, reader.read_later(_text_of(line), messages[-1].head))
        if not messages:
            return NOTHING
        first = np.array([message.first for message in messages], np.int64)
        last = np.array([message.last for message in messages], np.int64)
        return Parsed(first, last, columns_of_entries([_entry_of(message) for message in messages]))

    def _head(self, reader: PrefixReader, line: bytes) -> Head | None:
        # A look at the beginning spares the pattern most lines of other formats.
        return reader.read(_text_of(line)) if b":  " in line or b": " in line else None

    def _begin(self, messages: list[Message], index: int, head: Head) -> None:
        before = messages[-1] if messages else None
        part = _ADDING.get(head.severity)
        if part and before and before.goes_on_at(index) and _same_writer(before.head, head):
            before.parts[part], before.last, before.at = [head.text], index, part
            return
        moment = self._clock.read(head.time)
        if moment is not None:
            messages.append(Message(head, moment, index, index, {"message": [head.text]}))


def _text_of(line: bytes) -> str:
    return line.decode("utf-8", "replace")


def _go_on(messages: list[Message], index: int, text: str | None) -> None:
    before = messages[-1] if messages else None
    if text is not None and before is not None and before.goes_on_at(index):
        before.parts[before.at].append(text)
        before.last = index


def _same_writer(one: Head, other: Head) -> bool:
    return all(one.said.get(name) == other.said.get(name) for name in ("pid", "session"))


def _entry_of(message: Message) -> Entry:
    said = message.head.said
    parts = {name: "\n".join(lines) for name, lines in message.parts.items()}
    severity = message.head.severity
    statement = parts.get("statement")
    if severity == "STATEMENT":
        statement = parts["message"]
    return Entry(
        *message.moment,
        user=said.get("user"),
        database=said.get("database"),
        peer=said.get("peer"),
        session=said.get("session") or said.get("pid"),
        session_line=said.get("line"),
        command=said.get("command"),
        severity=severity,
        sql_state=said.get("state"),
        message=parts["message"],
        detail=parts.get("detail"),
        hint=parts.get("hint"),
        context=parts.get("context"),
        statement=statement,
        application=said.get("application"),
    )
