"""Records of own fields in their buckets, so that all buckets are alike: as many, as long, as random."""

from __future__ import annotations

import hashlib
import hmac
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from multiprocessing import get_context

from ashiato.bundle.openings import Opening, bucket_of
from ashiato.bundle.oprf import output_of

#: An answer of one bucket hides its asker among so many people, and stays below 25 kB.
CROWD = 600
_MOST_BITS = 13
_AT_ONCE = 4_096


@dataclass(frozen=True)
class Told:
    """One person's record before it is closed: what opens it, and what it says."""

    asked: bytes
    payload: bytes


def bits_for(people: int) -> int:
    """Return how many bits of buckets so many people fill with ``CROWD`` each; 13 at most."""
    return min(_MOST_BITS, max(0, (people // CROWD).bit_length() - 1))


def closed_records(key: bytes, told: Iterable[Told], bits: int, processes: int = 1) -> dict[int, list[bytes]]:
    """Close every record under its OPRF output, by bucket; more than a batch is shared by ``processes``."""
    held: dict[int, list[bytes]] = defaultdict(list)
    batches = iter(partial(_batch, iter(told)), [])
    close = partial(_close_batch, key, bits)
    if processes == 1:
        closed: Iterable[list[tuple[int, bytes]]] = map(close, batches)
    else:
        closed = _closed_by_many(close, batches, processes)
    for bucket, record in chain.from_iterable(closed):
        held[bucket].append(record)
    return held


def padded_buckets(held: dict[int, list[bytes]], bits: int, size: int, pepper: bytes) -> Iterator[bytes]:
    """Yield every bucket in order, each filled up to the fullest one with what nobody can open."""
    fullest = max((len(each) for each in held.values()), default=0)
    for bucket in range(2**bits):
        own = held.get(bucket, [])
        fill = (_filling(pepper, bucket, place, size) for place in range(len(own), fullest))
        yield b"".join(sorted((*own, *fill)))


def _batch(told: Iterator[Told]) -> list[Told]:
    return list(islice(told, _AT_ONCE))


def _close_batch(key: bytes, bits: int, batch: list[Told]) -> list[tuple[int, bytes]]:
    return [
        (bucket_of(each.asked, bits), Opening(output_of(key, each.asked)).close(each.payload))
        for each in batch
    ]


def _closed_by_many(
    close: Callable[[list[Told]], list[tuple[int, bytes]]], batches: Iterator[list[Told]], processes: int
) -> Iterator[list[tuple[int, bytes]]]:
    """Yield closed batches in order; few are on their way at any time, as there are millions of people."""
    # Spawned, not forked: the console's connections to its database are none of theirs.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        waiting: deque[Future[list[tuple[int, bytes]]]] = deque()
        for batch in batches:
            waiting.append(pool.submit(close, batch))
            if len(waiting) > 2 * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _filling(pepper: bytes, bucket: int, place: int, size: int) -> bytes:
    said = b"filling\0%d\0%d" % (bucket, place)
    return hashlib.shake_256(hmac.digest(pepper, said, hashlib.sha256)).digest(size)
