"""JSON lines over HTTP: a request is answered with 200 when its lines are on the disk, never before."""

from __future__ import annotations

import asyncio
import hmac
from dataclasses import dataclass

import h11

from ashiato.guard.receivers import Receiver
from ashiato.guard.receiving.bodies import BODY_BYTES, BadBodyError, lines_of, lines_of_records, unpacked
from ashiato.guard.receiving.keeping import RETRY_S, Keeper
from ashiato.guard.receiving.spool import SpoolFullError
from ashiato.guard.receiving.syslog import MOST_CONNECTIONS

_READ_BYTES = 64 << 10
_HEADER_BYTES = 16 << 10
#: So long a request may take to arrive, and a connection be silent between two.
_REQUEST_S = 30
_HEAR_OUT_S = 2
#: So many bodies are held at once; the others wait unread.
_AT_ONCE = 8
_TYPES = ("application/json", "application/x-ndjson", "application/ndjson")
_RECORDS_PATH = b"/v1/logs"


@dataclass(frozen=True)
class Answer:
    """A status with what it says; ``closes``: nothing more is read of this connection."""

    status: int
    text: str = "{}"
    closes: bool = False


class Requests:
    """Answers the requests of exporters."""

    def __init__(self, receiver: Receiver, keeper: Keeper, token: bytes | None) -> None:
        """``token``: what a sender has to know; None where its certificate says enough, or it is local."""
        self._receiver = receiver
        self._keeper = keeper
        self._token = token
        self._open = 0
        self._bodies = asyncio.Semaphore(_AT_ONCE)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's requests until it ends, breaks the protocol or takes too long."""
        self._open += 1
        try:
            if self._open > MOST_CONNECTIONS or not self._receiver.may_send(
                writer.get_extra_info("peername")[0]
            ):
                self._keeper.received.refused += 1
                return
            while await self._serve_one(h11.Connection(h11.SERVER, _HEADER_BYTES), reader, writer):
                pass
        except (OSError, TimeoutError, h11.ProtocolError):
            return
        finally:
            self._open -= 1
            writer.close()

    async def _serve_one(
        self, spoken: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Answer one request; return whether another may follow; none may come before the answer."""
        try:
            async with asyncio.timeout(_REQUEST_S):
                request = await _next(spoken, reader, writer)
                if not isinstance(request, h11.Request):
                    return False
                answer = self._refuse(request)
            if answer is None:
                async with self._bodies:
                    answer = await self._take(spoken, request, reader, writer)
        except h11.RemoteProtocolError as error:
            answer = Answer(error.error_status_hint, "this is no request that is understood", closes=True)
        goes_on = not answer.closes and spoken.their_state is h11.DONE and not spoken.trailing_data[0]
        self._keeper.received.refused += answer.status != 200
        writer.write(_render(spoken, answer, closes=not goes_on))
        await writer.drain()
        if not goes_on:
            await _hear_out(reader)
        return goes_on

    def _refuse(self, request: h11.Request) -> Answer | None:
        """Why a request is answered without its body being read, if there is a reason."""
        said = dict(request.headers)
        given = said.get(b"authorization", b"")
        if self._token is not None and not hmac.compare_digest(given, b"Bearer " + self._token):
            return Answer(401, "a token is needed", closes=True)
        if request.method != b"POST":
            return Answer(405, "lines are sent by POST", closes=True)
        kind = said.get(b"content-type", b"").partition(b";")[0].strip().lower().decode("latin-1")
        if kind not in _TYPES:
            return Answer(415, f"send one of {', '.join(_TYPES)}", closes=True)
        length = said.get(b"content-length", b"0")
        return Answer(413, f"at most {BODY_BYTES} bytes", closes=True) if int(length) > BODY_BYTES else None

    async def _take(
        self,
        spoken: h11.Connection,
        request: h11.Request,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> Answer:
        try:
            async with asyncio.timeout(_REQUEST_S):
                body = await _body(spoken, reader, writer)
            lines = await asyncio.to_thread(self._lines, request, body)
            if lines:
                await self._keeper.keep(lines)
        except BadBodyError as error:
            return Answer(error.status, str(error), closes=True)
        except SpoolFullError:
            return Answer(503, "there is no room now; send it again")
        return Answer(200)

    def _lines(self, request: h11.Request, body: bytes) -> list[bytes]:
        coding = next((value for name, value in request.headers if name == b"content-encoding"), b"")
        content = unpacked(body, coding.strip().lower())
        if request.target.partition(b"?")[0] == _RECORDS_PATH:
            return lines_of_records(content)
        return lines_of(content, self._receiver.line_in)


async def _next(spoken: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> object:
    """The next thing that the other side says."""
    while (event := spoken.next_event()) is h11.NEED_DATA:
        if spoken.they_are_waiting_for_100_continue:
            writer.write(spoken.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
        spoken.receive_data(await reader.read(_READ_BYTES))
    return event


async def _hear_out(reader: asyncio.StreamReader) -> None:
    """Let a sender finish: one that is cut off while it sends does not read its answer."""
    async with asyncio.timeout(_HEAR_OUT_S):
        while await reader.read(_READ_BYTES):
            pass


async def _body(spoken: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    parts, size = [], 0
    while isinstance(event := await _next(spoken, reader, writer), h11.Data):
        size += len(event.data)
        if size > BODY_BYTES:
            raise BadBodyError(413, f"at most {BODY_BYTES} bytes")
        parts.append(bytes(event.data))
    if not isinstance(event, h11.EndOfMessage):
        raise BadBodyError(400, "the body is cut off")
    return b"".join(parts)


def _render(spoken: h11.Connection, answer: Answer, *, closes: bool) -> bytes:
    """An answer's bytes."""
    text = answer.text.encode("ascii", "replace")
    kind = "application/json" if answer.status == 200 else "text/plain"
    headers = [("Content-Type", kind), ("Content-Length", str(len(text)))]
    headers += [("Retry-After", str(RETRY_S))] if answer.status == 503 else []
    headers += [("WWW-Authenticate", "Bearer")] if answer.status == 401 else []
    headers += [("Connection", "close")] if closes else []
    head = spoken.send(h11.Response(status_code=answer.status, headers=headers)) or b""
    return head + (spoken.send(h11.Data(data=text)) or b"") + (spoken.send(h11.EndOfMessage()) or b"")
