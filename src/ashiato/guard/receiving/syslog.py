"""Syslog by datagrams and by streams: what comes in is a line in the spool before more is read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from ashiato.guard.receivers import Receiver
from ashiato.guard.receiving.framing import Frames, line_of, with_whole_time
from ashiato.guard.receiving.keeping import Keeper

_READ_BYTES = 256 << 10
MOST_CONNECTIONS = 200
Now = Callable[[], datetime]


class Datagrams(asyncio.DatagramProtocol):
    """One message a datagram."""

    def __init__(self, receiver: Receiver, keeper: Keeper, now: Now) -> None:
        """``now`` gives the moment, in the zone of times that name none."""
        self._receiver = receiver
        self._keeper = keeper
        self._now = now

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """Keep a message."""
        if not self._receiver.may_send(addr[0]):
            self._keeper.received.refused += 1
            return
        line = line_of(with_whole_time(data, self._now()))
        if line.strip():
            self._keeper.drop_or_keep(line)


class Streams:
    """Connections of senders; each is read no faster than its lines are written."""

    def __init__(self, receiver: Receiver, keeper: Keeper, now: Now) -> None:
        """``now`` gives the moment, in the zone of times that name none."""
        self._receiver = receiver
        self._keeper = keeper
        self._now = now
        self._open = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one connection's messages until it ends."""
        try:
            if self._open >= MOST_CONNECTIONS or not self._receiver.may_send(
                writer.get_extra_info("peername")[0]
            ):
                self._keeper.received.refused += 1
                return
            self._open += 1
            try:
                await self._take(reader)
            finally:
                self._open -= 1
        except OSError:
            # The sender is gone; what it sent whole is kept.
            return
        finally:
            writer.close()

    async def _take(self, reader: asyncio.StreamReader) -> None:
        frames = Frames()
        try:
            while content := await reader.read(_READ_BYTES):
                await self._keep(frames.feed(content))
        finally:
            self._keeper.received.cut += frames.cut
            await self._keep([frames.end()])

    async def _keep(self, messages: list[bytes]) -> None:
        now = self._now()
        lines = [line_of(with_whole_time(message, now)) for message in messages]
        await self._keeper.keep_whenever([line for line in lines if line.strip()])
