"""Short messages over a gateway's HTTP interface, with our reference as idempotency key, and asked by it.

``POST base/messages`` with ``{"to", "text", "from", "reference"}`` is answered by 2xx and ``{"id"}``; a
second one with the same key is the same message. ``GET base/messages/REFERENCE`` tells of it, or 404. A
refusal (4xx) is proof that nothing was taken; whatever else comes after the request left is doubt.
"""

from __future__ import annotations

import http.client
import json
import queue
import select
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from ashiato.outside.messages.asked_waits import asked_wait
from ashiato.outside.messages.nearness import is_this_machine
from ashiato.outside.messages.outcomes import (
    TOO_LATE,
    About,
    Accepted,
    InDoubt,
    MessageError,
    NotAccepted,
    Outcome,
    Still,
    always,
    shown,
    shown_cause,
)
from ashiato.outside.messages.references import check_reference
from ashiato.outside.messages.secrets import Secret
from ashiato.outside.messages.sms.numbers import read_number
from ashiato.outside.messages.sms.segments import check_text

_MOST_BYTES = 65_536
_FAULTS = (OSError, http.client.HTTPException)
#: Refusals that speak of this message or its number; every other is everybody's matter.
_OF_THE_MESSAGE = {400, 413, 422}
_OF_THE_RECIPIENT = {"invalid-recipient", "unsubscribed", "unreachable"}
_TO_DO = {401: "check the gateway's token in server.yaml", 429: "slower, or a larger quota at the gateway"}
_LOOK = "check the account at the gateway"
#: Refusals that prove nothing: the key is known already, or the server gave up waiting.
_NO_PROOF = {408, 409, 425}


@dataclass(frozen=True, slots=True)
class Sms:
    """One notice as a short message; ``number`` as it is written in the country ``region``."""

    reference: str
    number: str
    text: str
    region: str = "JP"


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway as the configuration names it; ``timeout`` in seconds, at most ``segments`` a message."""

    base: str
    token: Secret
    sender: str
    timeout: float = 30.0
    segments: int = 10
    ca_file: str = ""

    def __post_init__(self) -> None:
        """Refuse a gateway spoken to in clear text over a network."""
        parts = urlsplit(self.base)
        if parts.scheme != "https" and not (parts.scheme == "http" and is_this_machine(parts.hostname or "")):
            raise MessageError("a gateway is spoken to over https", fix="write https://host/path")
        if not self.token.text.isascii() or not self.token.text.isprintable():
            raise MessageError("the gateway's token holds what no header may hold", fix="one plain line")


class GatewaySender:
    """Sends and finds short messages over one gateway; safe for many threads."""

    def __init__(self, gateway: Gateway) -> None:
        """Nothing is opened before the first message."""
        self._gateway = gateway
        self._parts = urlsplit(gateway.base)
        self._idle: queue.LifoQueue[http.client.HTTPConnection] = queue.LifoQueue()

    def send(self, message: Sms, still: Still = always) -> Outcome:
        """Hand over one message; ``still`` is asked right before."""
        try:
            body = self._body(message)
        except MessageError as error:
            return NotAccepted(str(error), permanent=True, about=error.about)
        connection = self._connected()
        if isinstance(connection, NotAccepted):
            return connection
        if not still():
            self._idle.put(connection)
            return TOO_LATE
        try:
            answer = self._ask(connection, "POST", "/messages", body, message.reference)
        except _FAULTS as error:
            connection.close()
            return InDoubt(f"no answer from the gateway: {_why(error)}")
        return _verdict(answer)

    def find(self, reference: str) -> Accepted | NotAccepted | None:
        """Ask the gateway for a message; while it knows the key, a later attempt is no second message."""
        connection = self._connected()
        if isinstance(connection, NotAccepted):
            return None
        try:
            path = f"/messages/{check_reference(reference)}"
            status, answer, _ = self._ask(connection, "GET", path, b"", reference)
        except _FAULTS:
            connection.close()
            return None
        if status == 404 and _text(answer, "error") == "unknown-reference":
            return NotAccepted("the gateway does not know it", permanent=False)
        found = _text(answer, "id")
        return (
            Accepted(found) if status == 200 and found and _text(answer, "reference") == reference else None
        )

    def find_all(self, attempts: Mapping[str, datetime | None]) -> dict[str, Accepted | NotAccepted | None]:
        """Ask for many messages, one after the other; when they were offered does not matter here."""
        return {reference: self.find(reference) for reference in attempts}

    def close(self) -> None:
        """Close every idle connection."""
        while not self._idle.empty():
            self._idle.get_nowait().close()

    def _body(self, message: Sms) -> bytes:
        check_text(message.text, self._gateway.segments)
        words = {
            "to": read_number(message.number, message.region),
            "text": message.text,
            "from": self._gateway.sender,
            "reference": check_reference(message.reference),
        }
        return json.dumps(words, ensure_ascii=False).encode("utf-8")

    def _ask(
        self, connection: http.client.HTTPConnection, verb: str, path: str, body: bytes, reference: str
    ) -> _Answer:
        headers = {
            "Authorization": f"Bearer {self._gateway.token.text}",
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": reference,
        }
        connection.request(verb, self._parts.path.rstrip("/") + path, body=body or None, headers=headers)
        answer = connection.getresponse()
        text = answer.read(_MOST_BYTES)
        if answer.will_close or not answer.isclosed():
            connection.close()
        else:
            self._idle.put(connection)
        return _Answer(answer.status, text, asked_wait(answer.headers["Retry-After"]))

    def _connected(self) -> http.client.HTTPConnection | NotAccepted:
        """An idle connection that the gateway left open, else a new one; no request is on it yet."""
        while not self._idle.empty():
            try:
                idle = self._idle.get_nowait()
            except queue.Empty:
                break
            if idle.sock is not None and not select.select([idle.sock], [], [], 0)[0]:
                return idle
            idle.close()
        connection = self._new()
        try:
            connection.connect()
        except (*_FAULTS, ValueError) as error:
            connection.close()
            return NotAccepted(f"no connection to the gateway: {_why(error)}", permanent=False)
        return connection

    def _new(self) -> http.client.HTTPConnection:
        host, port, timeout = self._parts.hostname or "", self._parts.port, self._gateway.timeout
        if self._parts.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=timeout)
        context = ssl.create_default_context(cafile=self._gateway.ca_file or None)
        return http.client.HTTPSConnection(host, port, timeout=timeout, context=context)


class _Answer(NamedTuple):
    """What the gateway said, and for how many seconds it asks to be left alone."""

    status: int
    text: bytes
    wait_s: int


def _verdict(said: _Answer) -> Outcome:
    status, answer, wait_s = said
    if status // 100 == 2:
        found = _text(answer, "id")
        return Accepted(found) if found else InDoubt(f"{status} without an id: {shown_cause(answer)}")
    if status // 100 != 4 or status in _NO_PROOF:
        return InDoubt(f"the gateway answers {status} {shown_cause(answer)}".rstrip())
    about: About = "service"
    if status in _OF_THE_MESSAGE:
        about = "recipient" if _text(answer, "error") in _OF_THE_RECIPIENT else "message"
    to_do = f"{_TO_DO.get(status, _LOOK)}: " if about == "service" else ""
    cause = f"{to_do}the gateway refuses: {status} {shown_cause(answer)}".rstrip()
    return NotAccepted(cause, permanent=about != "service", about=about, wait_s=wait_s)


def _text(answer: bytes, name: str) -> str:
    """A word of a JSON answer; nothing where there is none."""
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError):
        return ""
    word = found.get(name) if isinstance(found, dict) else None
    return shown(word, 200) if isinstance(word, str) else ""


def _why(error: Exception) -> str:
    return (
        "no answer in time"
        if isinstance(error, TimeoutError)
        else shown_cause(str(error) or type(error).__name__)
    )
