"""A mail server of ours that takes mail, refuses, waits and hangs up on command, in a process of its own.

``python -m tests.sinks.smtp FOLDER [PORT]`` prints its port; each line of standard input is a list of faults
(JSON) that replaces the ones before, answered by ``ok``; it ends when its input ends. What it accepted stands
in ``accepted.jsonl``, one line a mail, written before any answer; what a Postfix would log in ``mail.log``.

A fault is ``{"phase": .., "act": ..}`` and, where wanted, ``match`` (a part of the recipient's address),
``share`` with ``seed`` (which part of the events), ``times`` (at most so many):

* phases ``connect``, ``ehlo``, ``mail``, ``rcpt``, ``data`` (before the answer to each), ``text`` (in the
  midst of the mail), ``dot`` (its end came, nothing is accepted yet), ``taken`` (accepted and written, not
  yet answered);
* acts ``reply`` (``code``, ``text``; ``raw`` for anything else; ``goes_on`` as if it had not refused),
  ``drop`` (hang up), ``wait`` (``seconds``).
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.sinks.running import Fault, Rule, SinkProcess


class SmtpSink(SinkProcess):
    """The mail server; of each mail ``reference``, ``message_id``, ``to``, ``sender``, ``size`` are kept."""

    MODULE = "tests.sinks.smtp"

    @property
    def mail_log(self) -> Path:
        """The log in Postfix' form."""
        return self.folder / "mail.log"


class _Sink:
    """What all connections share: the faults and the two files."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.rules: list[Rule] = []
        self._accepted = (folder / "accepted.jsonl").open("a", encoding="utf-8")
        self._log = (folder / "mail.log").open("a", encoding="utf-8")
        self._number = (folder / "mail.log").stat().st_size

    def find(self, phase: str, recipient: str) -> Fault | None:
        return next((rule.fault for rule in self.rules if rule.holds(phase, recipient)), None)

    def next_id(self) -> str:
        self._number += 1
        return f"{self._number:010X}"

    def log(self, program: str, text: str) -> None:
        at = datetime.fromtimestamp(time.time(), UTC).isoformat()
        self._log.write(f"{at} sink postfix/{program}[1]: {text}\n")
        self._log.flush()

    def take(self, mail: dict[str, Any]) -> None:
        self._accepted.write(json.dumps(mail) + "\n")
        self._accepted.flush()
        sender, size = mail["sender"], mail["size"]
        self.log("qmgr", f"{mail['queue_id']}: from=<{sender}>, size={size}, nrcpt=1 (queue active)")


class _Connection(asyncio.Protocol):
    """One client: commands and text taken from a buffer; a wait stops the taking, not the other clients."""

    def __init__(self, sink: _Sink) -> None:
        self._sink = sink
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._text = False
        self._waiting = False
        self._sender = self._to = ""
        self._queue_id = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._step("connect", lambda: self._say("220 sink ESMTP"))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._advance()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the protocol's own
        self._transport = None

    def _advance(self) -> None:
        while not self._waiting and self._transport is not None:
            if not (self._take_text() if self._text else self._take_command()):
                return

    def _take_command(self) -> bool:
        line, found, rest = self._buffer.partition(b"\r\n")
        if not found:
            return False
        self._buffer = bytearray(rest)
        self._command(line.decode("utf-8", "replace"))
        return True

    def _command(self, line: str) -> None:
        verb = line[:4].upper()
        address = line.partition("<")[2].rpartition(">")[0]
        if verb == "EHLO":
            self._step(
                "ehlo", lambda: self._say("250-sink\r\n250-PIPELINING\r\n250-SMTPUTF8\r\n250 8BITMIME")
            )
        elif verb == "HELO":
            self._step("ehlo", lambda: self._say("250 sink"))
        elif verb == "MAIL":
            self._step("mail", lambda: self._name(address, ""))
        elif verb == "RCPT":
            self._to = address
            self._step(
                "rcpt", lambda: self._name(self._sender, address), undo=lambda: self._name("", "", tell=False)
            )
        elif verb == "DATA":
            self._begin()
        elif verb == "QUIT":
            self._say("221 bye")
            self._drop()
        else:
            self._sender = self._to = ""
            self._say("250 ok" if verb in {"RSET", "NOOP"} else "502 not here")

    def _name(self, sender: str, to: str, *, tell: bool = True) -> None:
        self._sender, self._to = sender, to
        if tell:
            self._say("250 2.1.0 ok")

    def _begin(self) -> None:
        if not (self._sender and self._to):
            self._say("503 5.5.1 no recipients")
            return

        def begin() -> None:
            self._text = True
            self._queue_id = self._sink.next_id()
            self._say("354 go on")

        self._step("data", begin)

    def _take_text(self) -> bool:
        end = self._buffer.find(b"\r\n.\r\n")
        fault = self._sink.find("text", self._to) if self._buffer else None
        if fault is not None:
            self._act(fault, lambda: None, lambda: None)
            return False
        if end < 0:
            return False
        text = bytes(self._buffer[:end])
        del self._buffer[: end + 5]
        self._text = False
        self._end(text)
        return True

    def _end(self, text: bytes) -> None:
        found = text.lower().partition(b"\r\nmessage-id:")[2].partition(b"\r\n")[0].strip()
        message_id = found.decode("ascii", "replace")
        mail = {
            "reference": message_id.strip("<>").partition("@")[0],
            "message_id": message_id,
            "to": self._to,
            "sender": self._sender,
            "size": len(text),
            "queue_id": self._queue_id,
        }
        self._sink.log("cleanup", f"{self._queue_id}: message-id={message_id}")

        def answer() -> None:
            self._say(f"250 2.0.0 Ok: queued as {mail['queue_id']}")

        def take() -> None:
            self._sink.take(mail)
            self._step("taken", answer)

        self._step("dot", take)
        self._sender = ""

    def _step(self, phase: str, go: Callable[[], None], undo: Callable[[], None] = lambda: None) -> None:
        fault = self._sink.find(phase, self._to)
        if fault is None:
            go()
        else:
            self._act(fault, go, undo)

    def _act(self, fault: Fault, go: Callable[[], None], undo: Callable[[], None]) -> None:
        if fault["act"] == "drop":
            self._drop()
        elif fault["act"] == "reply":
            if not fault.get("goes_on"):
                undo()
            self._say(fault["raw"] if "raw" in fault else f"{fault['code']} {fault.get('text', 'no')}")
        else:
            self._waiting = True
            asyncio.get_running_loop().call_later(fault["seconds"], self._go_on, go)

    def _go_on(self, go: Callable[[], None]) -> None:
        self._waiting = False
        go()
        self._advance()

    def _say(self, text: str) -> None:
        if self._transport is not None:
            self._transport.write(text.encode() + b"\r\n")

    def _drop(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None


async def _serve(folder: Path, port: int) -> None:
    sink = _Sink(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Connection(sink), "127.0.0.1", port, backlog=512)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    reader = asyncio.StreamReader(limit=2**20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        faults: Sequence[Fault] = json.loads(line)
        sink.rules = [Rule(fault) for fault in faults]
        sink.log("anvil", "statistics: the log goes on")
        sys.stdout.write("ok\n")
        sys.stdout.flush()
    server.close()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
