"""Millions of letters as batches: several presses at once, and never more in memory than they hold."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from ashiato.letters.notices.batches import Printing, set_batch
from ashiato.letters.notices.delivery import write_batch
from ashiato.letters.notices.manifest import Refused
from ashiato.letters.notices.matter import NoticeMatter
from ashiato.letters.notices.press import wipe_press
from ashiato.letters.notices.wording import Wording

BATCH = 1_000


@dataclass(frozen=True)
class Written:
    """One batch on disk: its folder, how many letters and pages, and who is not in it."""

    folder: Path
    letters: int
    pages: int
    refused: tuple[Refused, ...]


@dataclass(frozen=True)
class Shop:
    """Where batches go, how they are printed, and from which templates (the shipped ones where None)."""

    folder: Path
    printing: Printing
    wording: Wording | None = None


def print_letters(
    matters: Iterable[NoticeMatter], shop: Shop, *, presses: int = 2, size: int = BATCH, first: int = 1
) -> Iterator[Written]:
    """Write letters as batches of ``size`` and yield each, in order, when it is on disk.

    Takes people from ``matters`` only as fast as the presses print; where those who are told the same come
    together, files are small and printing is fastest. ``first``: the number of the first batch.
    """
    with ProcessPoolExecutor(presses, mp_context=get_context("spawn")) as pool:
        waiting: deque[Future[Written]] = deque()
        for number, chunk in enumerate(_chunks(iter(matters), size), first):
            waiting.append(pool.submit(print_batch, f"batch-{number:06}", chunk, shop))
            if len(waiting) > 2 * presses:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def print_batch(name: str, matters: Iterable[NoticeMatter], shop: Shop) -> Written:
    """Set one batch and write it; memory is as it was before."""
    batch = set_batch(name, matters, shop.printing, shop.wording)
    wipe_press()
    held = batch.manifest
    return Written(write_batch(batch, shop.folder), len(held.letters), held.pages, held.refused)


def _chunks(matters: Iterator[NoticeMatter], size: int) -> Iterator[list[NoticeMatter]]:
    while chunk := list(itertools.islice(matters, size)):
        yield chunk
