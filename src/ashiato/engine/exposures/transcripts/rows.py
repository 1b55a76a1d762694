"""Gathers rebuilt values by the row they are of: what is known of each row, column by column."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ashiato.engine.exposures.transcripts.rebuilding import UNKNOWN_CHARACTER, Rebuilt
from ashiato.engine.exposures.transcripts.sought import Part


@dataclass(frozen=True)
class Piece:
    """One column's value as far as it is known; ``known``: which characters, where not all are."""

    column: str
    value: str
    state: str
    known: str
    event_id: int


@dataclass
class AskedRow:
    """One row of a table that questions were put about."""

    path: str
    table: str
    place: str
    selectors: dict[str, str]
    offset: int | None
    order: tuple[tuple[str, bool], ...]
    pieces: list[Piece] = field(default_factory=list)
    events: set[int] = field(default_factory=set)

    def known(self) -> dict[str, str]:
        """Return the columns whose value is known whole: named by the questions, or rebuilt."""
        told = {
            piece.column: piece.value for piece in self.pieces if piece.state == "complete" and piece.value
        }
        return {**self.selectors, **told}

    def partly(self) -> dict[str, str]:
        """Return, for columns known in part, a LIKE pattern of what is known."""
        return {p.column: _pattern(p.value) for p in self.pieces if p.state == "partial"}


def gather_rows(rebuilt: Iterable[Rebuilt]) -> list[AskedRow]:
    """Return one row per path x table x row asked about, in their order."""
    rows: list[AskedRow] = []
    grouped: dict[tuple[str, str, str], list[Rebuilt]] = defaultdict(list)
    for value in rebuilt:
        if value.sought.table is not None:
            grouped[value.path, value.sought.table, value.sought.row].append(value)
    for key, values in sorted(grouped.items()):
        sought = values[0].sought
        row = AskedRow(key[0], key[1], sought.place, dict(sought.selectors), sought.offset, sought.order)
        for value in values:
            row.pieces += _pieces_of(value)
            row.events.update(value.events)
        rows.append(row)
    return rows


def _pieces_of(value: Rebuilt) -> Iterator[Piece]:
    columns, event_id = value.sought.columns, value.events[-1]
    plain = "" if value.value == value.sought.default else value.value
    if len(columns) == 1 and all(part.column or not part.text for part in value.sought.parts):
        yield Piece(columns[0], plain, value.state, value.known, event_id)
        return
    told = _split(value.value, value.sought.parts) if value.state == "complete" else None
    for number, column in enumerate(columns):
        if told is not None:
            yield Piece(column, told[number], "complete", "", event_id)
        else:
            yield Piece(column, "", "tried", "", event_id)


def _split(value: str, parts: tuple[Part, ...]) -> list[str] | None:
    """Cut a value made of several columns at the text between them; None where that is in doubt."""
    told: list[str] = []
    rest = value
    for number, part in enumerate(parts):
        if part.column is None:
            if not rest.startswith(part.text):
                return None
            rest = rest[len(part.text) :]
            continue
        following = parts[number + 1] if number + 1 < len(parts) else None
        if following is None:
            told.append(rest)
            rest = ""
        elif following.column is not None or rest.count(following.text) != _times(
            parts[number + 1 :], following
        ):
            return None
        else:
            told.append(rest[: rest.index(following.text)])
            rest = rest[len(told[-1]) :]
    return told


def _times(parts: tuple[Part, ...], wanted: Part) -> int:
    return sum(part.text == wanted.text for part in parts if part.column is None)


def _pattern(value: str) -> str:
    escaped = "".join(f"\\{c}" if c in "\\%_" else c for c in value)
    return escaped.replace(UNKNOWN_CHARACTER, "_") + "%"
