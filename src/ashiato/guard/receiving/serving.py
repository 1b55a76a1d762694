"""All receivers of ``guard.yaml`` at work, until stopped."""

from __future__ import annotations

import asyncio
import signal
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, closing, contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson

from ashiato.guard.receivers import SPOOL, Protocol, Receiver, read_token
from ashiato.guard.receiving.http import Requests
from ashiato.guard.receiving.keeping import Keeper
from ashiato.guard.receiving.spool import Spool
from ashiato.guard.receiving.syslog import Datagrams, Streams
from ashiato.guard.running import now_us
from ashiato.terms.errors import GuardError
from ashiato.terms.errors import Place as ErrorPlace
from ashiato.terms.times import moment_of

_COUNTS = "received.json"
_COUNT_S = 2.0
_HANDSHAKE_S = 10


async def receive(
    folder: Path,
    receivers: Sequence[Receiver],
    zone: ZoneInfo,
    stopped: asyncio.Event,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve until stopped; what was taken by then is on the disk.

    ``zone`` is that of times which name none; ``ready`` is called when all of them listen.
    Raises: GuardError: one cannot listen, or its token or certificate cannot be used.
    """
    keepers: dict[str, Keeper] = {}
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
        for receiver in receivers:
            spool = stack.enter_context(closing(Spool(folder, receiver.spool(folder), receiver.most_bytes)))
            keepers[receiver.name] = keeper = Keeper(spool)
            await _listen(receiver, keeper, lambda: moment_of(now_us()).astimezone(zone), stack)
        writing = [tasks.create_task(keeper.run()) for keeper in keepers.values()]
        counting = tasks.create_task(_count(folder, keepers))
        ready()
        await stopped.wait()
        for keeper in keepers.values():
            keeper.stop()
        await asyncio.wait(writing)
        counting.cancel()
    _write_counts(folder, keepers)


def serve(folder: Path, receivers: Sequence[Receiver], zone: ZoneInfo, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or Ctrl-C. Raises: GuardError: as :func:`receive`, or that there is none."""
    if not receivers:
        fix = "name some in guard.yaml, as docs/guides/guard.md shows."
        raise GuardError("there are no receivers.", where=ErrorPlace(str(folder)), fix=fix)

    async def until_stopped() -> None:
        stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        await receive(folder, receivers, zone, stopped, ready)

    asyncio.run(until_stopped())


async def _listen(
    receiver: Receiver, keeper: Keeper, now: Callable[[], datetime], stack: AsyncExitStack
) -> None:
    where = f"{receiver.name} ({receiver.host}:{receiver.port})"
    with _told(where):
        if receiver.protocol is Protocol.SYSLOG_UDP:
            transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: Datagrams(receiver, keeper, now), local_addr=(receiver.host, receiver.port)
            )
            stack.callback(transport.close)
            return
        token = read_token(receiver.token_file) if receiver.token_file else None
        is_http = receiver.protocol in (Protocol.HTTP, Protocol.HTTPS)
        served = Requests(receiver, keeper, token) if is_http else Streams(receiver, keeper, now)
        secured = _context_of(receiver)
        server = await asyncio.start_server(
            served.serve, receiver.host, receiver.port, ssl=secured,
            ssl_handshake_timeout=_HANDSHAKE_S if secured else None,
        )  # fmt: skip
        stack.callback(server.close)


@contextmanager
def _told(where: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        what = f"it cannot listen: {error.strerror or error}."
        fix = "free the address and port, or repair its certificate and key."
        raise GuardError(what, where=ErrorPlace(where), fix=fix) from error


def _context_of(receiver: Receiver) -> ssl.SSLContext | None:
    if receiver.certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(receiver.certificate, receiver.key)
    if receiver.clients_by is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(receiver.clients_by)
    return context


async def _count(folder: Path, keepers: dict[str, Keeper]) -> None:
    while True:
        _write_counts(folder, keepers)
        await asyncio.sleep(_COUNT_S)


def _write_counts(folder: Path, keepers: dict[str, Keeper]) -> None:
    said = {name: asdict(keeper.received) for name, keeper in keepers.items()}
    fresh = folder / SPOOL / f".{_COUNTS}"
    fresh.write_bytes(orjson.dumps(said))
    fresh.replace(folder / SPOOL / _COUNTS)


def read_counts(folder: Path) -> dict[str, dict[str, int]]:
    """Return what each receiver took and did not take since it was last started; empty where none ran."""
    try:
        said: dict[str, dict[str, int]] = orjson.loads((folder / SPOOL / _COUNTS).read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    return said
