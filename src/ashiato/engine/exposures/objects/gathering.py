"""Reads every object that was asked for, once, into tables of this kind's own.

``object_units``: a row, object or paragraph of an object. ``object_tokens``: the values in it.
``object_sent``: which bytes of which part went out on which path, and how surely. ``object_asks``: which
events show it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from ashiato.datamap.model import Objects
from ashiato.engine.arrow_tables import BatchWriter, arrow_schema
from ashiato.engine.exposures.objects.asked import ObjectName, Request
from ashiato.engine.exposures.objects.cells import MOST_CELLS, Cell, UnreadableError
from ashiato.engine.exposures.objects.contents import Read, read_object
from ashiato.engine.exposures.objects.copies import Copy, find_copy, read_copy
from ashiato.engine.exposures.objects.coverage import NOTHING, Sent, length_of, sent_of
from ashiato.engine.exposures.objects.tokens import Names, tokens_of
from ashiato.engine.exposures.objects.unwrapping import Leaf
from ashiato.engine.exposures.stretches import joined
from ashiato.engine.store import Store
from ashiato.engine.tables import Table
from ashiato.terms.grades import Grade

_BATCH = 100_000
#: Kinds whose values' bytes cannot be told: sent in part, they may hold each of them.
_VAGUE = frozenset({"pdf", "mail"})
UNITS = Table(
    "object_units",
    "one row per unit of an object",
    {"unit": "BIGINT", "object_no": "BIGINT", "place": "VARCHAR"},
    (),
)
TOKENS = Table(
    "object_tokens",
    "one row per value in a unit",
    {
        "unit": "BIGINT",
        "cell": "BIGINT",
        "object_no": "BIGINT",
        "header": "VARCHAR",
        "token": "VARCHAR",
        "part_no": "BIGINT",
        "byte_first": "BIGINT",
        "byte_last": "BIGINT",
        "is_inside": "BOOLEAN",
    },
    (),
)
SENT = Table(
    "object_sent",
    "one row per stretch of a part that went out on a path",
    {"part_no": "BIGINT", "path": "VARCHAR", "first": "BIGINT", "last": "BIGINT", "grade": "INTEGER",
     "reason": "VARCHAR"},
    (),
)  # fmt: skip
ASKS = Table(
    "object_asks",
    "one row per object x path x event that read of it",
    {"object_no": "BIGINT", "path": "VARCHAR", "event_id": "BIGINT"},
    (),
)


@dataclass
class Asking:
    """All that one path asked of one object, and what is known to have gone out of it, or may have."""

    path: str
    requests: list[Request]
    sent: Sent = NOTHING
    perhaps_grade: Grade = Grade.POSSIBLE
    perhaps_reason: str = "truncated"
    stale: bool = False

    @property
    def reads(self) -> list[Request]:
        """The requests that were answered with bytes of the object, or may have been."""
        return [each for each in self.requests if each.activity != "describe" and not each.asked.is_refused]


@dataclass
class Asked:
    """One object with all that was asked of it, its copy, and what came of reading the copy."""

    number: int
    name: ObjectName
    size: int
    copy: Copy | None
    askings: list[Asking]
    kinds: set[str] = field(default_factory=set)
    faults: set[str] = field(default_factory=set)


def gather(
    requests: Iterable[Request], places: Sequence[Objects], copies: dict[str, list[Copy]],
    writes: dict[tuple[str, str], int],
) -> list[Asked]:  # fmt: skip
    """Put requests together by object, each with its copy; pages, which have no copy, are left out."""
    held: dict[ObjectName, dict[str, list[Request]]] = defaultdict(lambda: defaultdict(list))
    for request in requests:
        held[request.name][request.path].append(request)
    objects: list[Asked] = []
    for name in sorted(held):
        asked = [request for each in held[name].values() for request in each]
        logged = max((each.logged_size or 0 for each in asked), default=0)
        copy = find_copy(name, places, copies, logged or None)
        if copy is None and not name.bucket:
            continue
        size = copy.size if copy else logged or max((each.asked.sent or 0 for each in asked), default=0)
        written = writes.get((name.bucket, name.key), 0)
        askings = [_asking(path, held[name][path], size, logged, written) for path in sorted(held[name])]
        objects.append(Asked(len(objects) + 1, name, size, copy, askings))
    return objects


def _asking(path: str, requests: list[Request], size: int, logged: int, written: int) -> Asking:
    asking = Asking(path, requests)
    parts = [(each, sent_of(each.asked, size)) for each in asking.reads]
    copied = [each for each, _ in parts if each.activity == "copy"]
    known = [stretch for each, sent in parts if each.activity == "read" for stretch in sent.known]
    perhaps = [stretch for _, sent in parts for stretch in sent.perhaps]
    perhaps += [(0, size) for _ in copied]
    asking.sent = Sent(joined(known), joined(perhaps))
    if copied:
        asking.perhaps_grade, asking.perhaps_reason = Grade.PROBABLE, "non-sql-path"
    elif any(each.asked.may_be_packed and each.asked.code == 200 for each, _ in parts):
        asking.perhaps_grade = Grade.PROBABLE
    asking.stale = (logged not in (0, size)) or any(each.start_us < written for each in asking.reads)
    return asking


class Gathering:
    """Writes the tables while objects are read."""

    def __init__(self, case_folder: Path, store: Store, names: Names) -> None:
        """``names`` says where in running text a person's name may stand."""
        self._case_folder = case_folder
        self._store = store
        self._names = names
        self._units: _Rows
        self._tokens: _Rows
        self._sent: list[tuple[object, ...]] = []
        self._asks: list[tuple[object, ...]] = []
        self._unit = self._cell = self._part = 0

    def read(self, objects: Sequence[Asked]) -> None:
        """Read the copies of these objects, one after the other."""
        with self._store.stream(UNITS) as units, self._store.stream(TOKENS, {"header"}) as tokens:
            self._units, self._tokens = _Rows(UNITS, units, ()), _Rows(TOKENS, tokens, ("header",))
            for each in objects:
                self._read_one(each)
            self._units.flush()
            self._tokens.flush()
        self._store.write(SENT, self._sent)
        self._store.write(ASKS, self._asks)

    def _read_one(self, asked: Asked) -> None:
        for asking in asked.askings:
            self._asks += [(asked.number, asking.path, each.event_id) for each in asking.reads]
        if asked.copy is None:
            asked.faults.add("no-copy")
            return
        if not any(length_of(each.sent.known) or each.sent.perhaps for each in asked.askings):
            return
        try:
            content = read_copy(self._case_folder, asked.copy)
        except UnreadableError as error:
            asked.faults.add(str(error))
            return
        known = tuple(each.sent.known for each in asked.askings)
        perhaps = tuple(each.sent.perhaps for each in asked.askings)
        for read in read_object(Leaf("", content, known, perhaps)):
            self._take(asked, read)

    def _take(self, asked: Asked, read: Read) -> None:
        if read.kind != "unread":
            asked.kinds.add(read.kind)
        if read.fault is not None:
            asked.faults.add(read.fault)
        is_vague = read.kind in _VAGUE
        parts = {name: self._add_part(asked, leaf, is_vague=is_vague) for name, leaf in read.parts.items()}
        units: dict[int, int] = {}
        try:
            for part, cell in read.cells:
                self._add_cell(asked, read, parts[part], cell, units)
                if len(units) > MOST_CELLS:
                    asked.faults.add("too-many-values")
                    break
        except UnreadableError as error:
            asked.faults.add(str(error))
        except (ValueError, LookupError, RecursionError) as error:
            # Files are hostile, and no reader is without faults: what was read stays.
            asked.faults.add(f"reader-failed-{type(error).__name__}")

    def _add_part(self, asked: Asked, leaf: Leaf, *, is_vague: bool) -> int:
        self._part += 1
        whole = ((0, len(leaf.content)),)
        for asking, sent, may in zip(asked.askings, leaf.known, leaf.perhaps, strict=True):
            known, perhaps = ((), whole) if is_vague and sent not in ((), whole) else (sent, may)
            sure = Grade.PROBABLE if asking.stale else Grade.CONFIRMED
            doubt = "drift" if asking.stale else ""
            self._sent += [(self._part, asking.path, *each, int(sure), doubt) for each in known]
            less = min(sure, asking.perhaps_grade)
            self._sent += [
                (self._part, asking.path, *each, int(less), asking.perhaps_reason) for each in perhaps
            ]
        return self._part

    def _add_cell(self, asked: Asked, read: Read, part: int, cell: Cell, units: dict[int, int]) -> None:
        if cell.unit not in units:
            self._unit += 1
            units[cell.unit] = self._unit
            place = f"{read.name} {cell.unit}" if read.name else str(cell.unit)
            self._units.add((self._unit, asked.number, place))
        self._cell += 1
        for token in tokens_of(cell, self._names, read.encoding):
            self._tokens.add((
                units[cell.unit], self._cell, asked.number, cell.header, token.text, part,
                token.byte_first, token.byte_last, token.is_inside,
            ))  # fmt: skip


class _Rows:
    """Rows of a streamed table, handed on in batches."""

    def __init__(self, table: Table, writer: BatchWriter, coded: Sequence[str]) -> None:
        self._schema = arrow_schema(table, coded)
        self._plain = arrow_schema(table)
        self._writer = writer
        self._held: list[tuple[object, ...]] = []

    def add(self, row: tuple[object, ...]) -> None:
        """Take a row; text that is no sound Unicode is mended."""
        self._held.append(tuple(_sound(each) if isinstance(each, str) else each for each in row))
        if len(self._held) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Hand on what is held."""
        if not self._held:
            return
        columns = zip(*self._held, strict=True)
        arrays = []
        for values, plain, kind in zip(columns, self._plain.types, self._schema.types, strict=True):
            array = pa.array(values, plain)
            arrays.append(array.dictionary_encode() if plain != kind else array)
        self._writer.write(pa.RecordBatch.from_arrays(arrays, schema=self._schema))
        self._held = []


def _sound(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
