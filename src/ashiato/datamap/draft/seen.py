"""What was seen of a system's tables: columns, samples of values, declared keys and links."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from ashiato.datamap.draft.collations import SeenCollation

#: Reads whole columns as text, for questions that a sample cannot answer.
ReadColumns = Callable[[Sequence[str]], pa.Table]


@dataclass(frozen=True)
class Link:
    """Columns of one table whose values are found in columns of another; ``how`` is for the reader.

    ``on_delete``, ``on_update``: what a declared reference does when its row goes or changes (``CASCADE``).
    """

    columns: tuple[str, ...]
    table: str
    to: tuple[str, ...]
    how: str
    sure: bool = True
    on_delete: str = ""
    on_update: str = ""


@dataclass
class SeenColumn:
    """One column: its declared or guessed type, what its comment says, and a sample of filled values."""

    name: str
    type: str | None = None
    comment: str = ""
    values: tuple[str, ...] = ()


@dataclass
class SeenTable:
    """One table; ``read`` is None when only a schema was seen. ``key`` and ``uniques`` as declared."""

    name: str
    columns: dict[str, SeenColumn] = field(default_factory=dict)
    comment: str = ""
    key: tuple[str, ...] = ()
    uniques: list[tuple[str, ...]] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    rows: int | None = None
    read: ReadColumns | None = None
    notes: list[str] = field(default_factory=list)


@dataclass
class SeenSystem:
    """One system: its tables, and what its files say of the product that wrote them."""

    name: str
    engine: str = "postgresql"
    version: str | None = None
    default_schema: str | None = None
    tables: dict[str, SeenTable] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    collations: list[SeenCollation] = field(default_factory=list)
