"""Syslog by datagrams and by streams: what comes in is a line in the spool before more is read."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass
class _Held:
    """An open connection: whose, when a whole message of it came last (a steady clock), how to end it."""

    sender: str
    heard_s: float
    writer: asyncio.StreamWriter


class Streams:
    """Connections of senders; each is read no faster than its lines are written.

    Where all places are taken, whoever has most of them gives one up: that which was silent for longest. So
    one sender, allowed but hostile, keeps out nobody but itself, and a sender that is only quiet stays.
    """

    def __init__(self, receiver: Receiver, keeper: Keeper, now: Now) -> None:
        """``now`` gives the moment, in the zone of times that name none."""
        self._receiver = receiver
        self._keeper = keeper
        self._now = now
        self._open: dict[int, _Held] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one connection's messages until it ends."""
        peer = writer.get_extra_info("peername")
        if peer is None:  # Gone before it was taken on.
            writer.close()
            return
        sender = peer[0]
        try:
            if not self._receiver.may_send(sender):
                self._keeper.received.refused += 1
                return
            self._make_room()
            held = self._open[id(writer)] = _Held(sender, time.monotonic(), writer)
            await self._take(reader, held)
        except OSError:
            # The sender is gone; what it sent whole is kept.
            return
        finally:
            self._open.pop(id(writer), None)
            writer.close()

    def _make_room(self) -> None:
        """End a connection of whoever holds most, where there is no place left."""
        if len(self._open) < MOST_CONNECTIONS:
            return
        (most, _), *_ = Counter(held.sender for held in self._open.values()).most_common(1)
        key = min(
            (key for key, held in self._open.items() if held.sender == most),
            key=lambda key: self._open[key].heard_s,
        )
        self._keeper.received.refused += 1
        self._open.pop(key).writer.transport.abort()

    async def _take(self, reader: asyncio.StreamReader, held: _Held) -> None:
        frames = Frames()
        try:
            while content := await reader.read(_READ_BYTES):
                messages = frames.feed(content)
                if messages:
                    held.heard_s = time.monotonic()
                await self._keep(messages)
        finally:
            self._keeper.received.cut += frames.cut
            await self._keep([frames.end()])

    async def _keep(self, messages: list[bytes]) -> None:
        now = self._now()
        lines = [line_of(with_whole_time(message, now)) for message in messages]
        await self._keeper.keep_whenever([line for line in lines if line.strip()])
