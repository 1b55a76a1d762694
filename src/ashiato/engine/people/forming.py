"""``record_traits``: each record of a people table in forms to compare, as its newest snapshot has it.

Forming is pure Python and most of matching's work. From so many records on, processes of our own do it, each
handed batches by its pipe; they come back in order, so that the table is the same however many there are.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from queue import SimpleQueue
from typing import Self

import pyarrow as pa

from ashiato.engine.people.parts import write_parts
from ashiato.engine.people.sources import Source, rows_sql
from ashiato.engine.people.traits import SCHEMA, TRAITS, RecordsOf, form_batch
from ashiato.engine.store import Store
from ashiato.terms.meanings import Meaning

_ROWS_EACH = 25_000
#: Below so many records a process of its own is not worth its start (a second and a half: the post's list).
MANY_ROWS = 100_000
_PROCESSES = 2
_OF = b"records of"
_SERVE = "from ashiato.engine.people.forming import serve; serve()"


def write_traits(store: Store, sources: Sequence[Source]) -> None:
    """Write ``record_traits``, one row per record of a table of people that a snapshot holds."""
    with ExitStack() as until:
        write_parts(store, TRAITS, SCHEMA, _formed(_batches(store, sources), until))


def _batches(store: Store, sources: Sequence[Source]) -> Iterator[tuple[RecordsOf, pa.RecordBatch]]:
    number = 0
    for source in sources:
        wanted = [column for columns in source.meanings.values() for column in columns]
        for batch in store.batches(f"{rows_sql(store, source, wanted)} ORDER BY _key", _ROWS_EACH):
            yield RecordsOf(source.system.name, source.table.name, source.meanings, number), batch
            number += batch.num_rows


def _formed(batches: Iterator[tuple[RecordsOf, pa.RecordBatch]], until: ExitStack) -> Iterator[pa.Table]:
    """Yield each batch formed, in order: the first ones here, the others by processes of their own."""
    waiting: deque[Future[pa.Table]] = deque()
    formers: _Formers | None = None
    for source, batch in batches:
        if source.first < MANY_ROWS:
            yield form_batch(source, batch)
            continue
        formers = formers or until.enter_context(_Formers())
        waiting.append(formers.submit(source, batch))
        if len(waiting) > 2 * _PROCESSES:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


class _Formers:
    """Processes that form batches, each talked to by one thread at a time."""

    def __init__(self) -> None:
        """Start them; they end with their input."""
        self._idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        self._all = [_start() for _ in range(_PROCESSES)]
        for each in self._all:
            self._idle.put(each)
        self._threads = ThreadPoolExecutor(_PROCESSES)

    def __enter__(self) -> Self:
        """Use them as a context, so that none outlives its work."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes and what waits for them."""
        self._threads.shutdown(cancel_futures=True)
        for each in self._all:
            each.kill()
            each.communicate()

    def submit(self, source: RecordsOf, batch: pa.RecordBatch) -> Future[pa.Table]:
        """Have a batch formed by whichever process is free."""
        return self._threads.submit(self._form, source, batch)

    def _form(self, source: RecordsOf, batch: pa.RecordBatch) -> pa.Table:
        process = self._idle.get()
        try:
            return _ask(process, source, batch)
        except (OSError, pa.ArrowInvalid):
            # One that was killed, for memory say, costs time and no record; it is asked nothing more.
            process.kill()
            return form_batch(source, batch)
        finally:
            self._idle.put(process)


def _start() -> subprocess.Popen[bytes]:
    # Its own words are nobody's to read: they might quote a person.
    return subprocess.Popen(  # noqa: S603 - our own words, no shell
        [sys.executable, "-P", "-c", _SERVE],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def _ask(process: subprocess.Popen[bytes], source: RecordsOf, batch: pa.RecordBatch) -> pa.Table:
    """Hand a batch over and wait for its forms; raises OSError or ArrowInvalid where they do not come whole.

    Arrow takes the end of a stream for its end, wherever between two parts it comes: rows are counted.
    """
    if process.stdin is None or process.stdout is None:
        raise BrokenPipeError
    told = json.dumps([source.system, source.table, dict(source.meanings), source.first])
    named = batch.schema.with_metadata({_OF: told.encode()})
    with pa.ipc.new_stream(process.stdin, named) as writer:
        writer.write_batch(batch.replace_schema_metadata(named.metadata))
    process.stdin.flush()
    with pa.ipc.open_stream(process.stdout) as reader:
        formed = reader.read_all()
    if formed.num_rows != batch.num_rows:
        raise pa.ArrowInvalid(f"{formed.num_rows:,} of {batch.num_rows:,} records came back")
    return formed


def serve() -> None:
    """Form each batch that comes by standard input, until it ends: the other process."""
    with os.fdopen(sys.stdin.fileno(), "rb", closefd=False) as given:
        while given.peek(1):
            with pa.ipc.open_stream(given) as reader:
                system, table, meanings, first = json.loads(reader.schema.metadata[_OF])
                meant = {Meaning(name): columns for name, columns in meanings.items()}
                formed = [form_batch(RecordsOf(system, table, meant, first), batch) for batch in reader]
            with pa.ipc.new_stream(sys.stdout.buffer, SCHEMA) as writer:
                for each in formed:
                    writer.write_table(each)
            sys.stdout.buffer.flush()
