"""Python's search for circles of objects, spared where a log's statements become millions without any."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def spared() -> Iterator[None]:
    """While the block runs, make objects that hold no circles; later searches pass them over as well.

    They are let go as ever when nothing names them.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


@contextmanager
def searched_again() -> Iterator[None]:
    """After the block, search again through whatever was spared in it."""
    try:
        yield
    finally:
        gc.unfreeze()
