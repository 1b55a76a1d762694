"""Lines of one receiver on their way to its spool: many that wait share one writing to the disk."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from ashiato.guard.receiving.spool import Spool, SpoolFullError

#: What may wait for the disk without anybody waiting for it (datagrams).
_WAITING_BYTES = 8 << 20
#: What holding one takes besides its own bytes.
_EACH_BYTES = 250
#: So long a full spool is left before it is tried again.
RETRY_S = 2


@dataclass
class Received:
    """What a receiver took and did not: lines kept, datagrams dropped, messages cut, senders refused."""

    lines: int = 0
    dropped: int = 0
    cut: int = 0
    refused: int = 0


class Keeper:
    """Brings lines to a spool, batch by batch, in the order in which they were given."""

    def __init__(self, spool: Spool) -> None:
        """The spool is the keeper's alone."""
        self._spool = spool
        self._waiting: list[tuple[list[bytes], asyncio.Future[None] | None]] = []
        self._bytes = 0
        self._any = asyncio.Event()
        self._is_stopped = False
        self.received = Received()

    async def keep(self, lines: list[bytes]) -> None:
        """Return when the lines are on the disk. Raises: SpoolFullError: they are not."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((lines, done))
        self._any.set()
        await done

    async def keep_whenever(self, lines: list[bytes]) -> None:
        """Return when the lines are on the disk, however long that takes: the sender waits meanwhile."""
        while lines:
            try:
                await self.keep(lines)
            except SpoolFullError:
                await asyncio.sleep(RETRY_S)
            else:
                return

    def drop_or_keep(self, line: bytes) -> None:
        """Take a datagram, of which no sender ever hears; it is counted where there is no room."""
        size = len(line) + _EACH_BYTES
        if self._bytes + size > _WAITING_BYTES:
            self.received.dropped += 1
            return
        self._bytes += size
        self._waiting.append(([line], None))
        self._any.set()

    def stop(self) -> None:
        """Let :meth:`run` end once all that waits is written."""
        self._is_stopped = True
        self._any.set()

    async def run(self) -> None:
        """Write what waits, until stopped."""
        while self._waiting or not self._is_stopped:
            await self._any.wait()
            self._any.clear()
            batch, self._waiting, self._bytes = self._waiting, [], 0
            await self._write(batch)

    async def _write(self, batch: list[tuple[list[bytes], asyncio.Future[None] | None]]) -> None:
        lines = [line for each, _ in batch for line in each]
        failed: SpoolFullError | None = None
        try:
            await asyncio.to_thread(self._spool.append, lines)
            self.received.lines += len(lines)
        except SpoolFullError as error:
            failed = error
            self.received.dropped += sum(len(each) for each, done in batch if done is None)
        for _, done in batch:
            if done is None or done.done():
                continue
            if failed is None:
                done.set_result(None)
            else:
                done.set_exception(SpoolFullError())
