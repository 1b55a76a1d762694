"""What an object holds: its file, or the files inside it, each read by its content, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ashiato.engine.exposures.objects.cells import Cell, UnreadableError
from ashiato.engine.exposures.objects.encodings import encoding_of, to_bytewise
from ashiato.engine.exposures.objects.readers.delimited import delimiter_of, read_delimited
from ashiato.engine.exposures.objects.readers.documents import document_parts, read_document
from ashiato.engine.exposures.objects.readers.json_texts import read_json
from ashiato.engine.exposures.objects.readers.mails import is_mail, read_mails
from ashiato.engine.exposures.objects.readers.pdfs import read_pdf
from ashiato.engine.exposures.objects.readers.plain_text import read_plain_text
from ashiato.engine.exposures.objects.readers.spreadsheets import read_spreadsheet, sheet_parts
from ashiato.engine.exposures.objects.readers.sql_dumps import is_sql_dump, read_sql_dump
from ashiato.engine.exposures.objects.unwrapping import (
    Budget,
    Leaf,
    is_container,
    leaves_of,
    names_in,
    zip_parts,
)

_JSON_BEGINS = (b"{", b"[")


@dataclass(frozen=True)
class Read:
    """One file inside an object as it was read: its kind, where its cells stand, the cells.

    ``parts`` are the files whose bytes the cells count in, by name: the leaf itself, or the parts of a
    document. ``fault`` says why there are no cells, or why they end early;
    ``encoding`` is told where a part of a cell has bytes of its own.
    """

    name: str
    kind: str
    parts: dict[str, Leaf]
    cells: Iterator[tuple[str, Cell]]
    fault: str | None = None
    encoding: str | None = None


def read_object(leaf: Leaf) -> Iterator[Read]:
    """Yield each file of an object; what cannot be read comes without cells, with its fault."""
    budget = Budget()
    for inner in leaves_of(leaf, budget):
        if inner.fault is not None:
            yield Read(inner.name, "unread", {inner.name: inner}, iter(()), inner.fault)
            continue
        try:
            yield _read_leaf(inner, budget)
        except UnreadableError as error:
            yield Read(inner.name, "unread", {inner.name: inner}, iter(()), str(error))


def _read_leaf(leaf: Leaf, budget: Budget) -> Read:
    if is_container(leaf.content):
        return _read_container(leaf, budget)
    if leaf.content.startswith(b"%PDF-"):
        return _simple(leaf, "pdf", read_pdf(leaf.content))
    encoding = encoding_of(leaf.content)
    if encoding is None:
        raise UnreadableError("binary" if leaf.content else "empty")
    content, name, places = to_bytewise(leaf.content, encoding)
    kind, cells = _text_cells(content, name)
    if places is not None:
        cells = (
            replace(cell, byte_first=int(places[cell.byte_first]), byte_last=int(places[cell.byte_last]))
            for cell in cells
        )
        return _simple(leaf, kind, cells)
    return _simple(leaf, kind, cells, None if kind in ("json", "mail") else name)


def _text_cells(content: bytes, encoding: str) -> tuple[str, Iterator[Cell]]:
    head = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if head in _JSON_BEGINS:
        return "json", read_json(content)
    if is_mail(content):
        return "mail", read_mails(content)
    if is_sql_dump(content):
        return "sql", read_sql_dump(content, encoding)
    sign = delimiter_of(content)
    if sign is not None:
        return "table", read_delimited(content, encoding, sign)
    return "text", read_plain_text(content, encoding)


def _read_container(leaf: Leaf, budget: Budget) -> Read:
    names = names_in(leaf.content)
    if not names:
        raise UnreadableError("damaged-archive")
    parts = {
        part.name.removeprefix(f"{leaf.name}/") if leaf.name else part.name: part
        for part in zip_parts(leaf, budget)
    }
    fault = next((part.fault for part in parts.values() if part.fault), None)
    contents = {name: part.content for name, part in parts.items()}
    if sheet_parts(names):
        return Read(leaf.name, "xlsx", parts, read_spreadsheet(contents), fault)
    if document_parts(names):
        return Read(leaf.name, "docx", parts, read_document(contents), fault)
    raise UnreadableError("no-reader")


def _simple(leaf: Leaf, kind: str, cells: Iterator[Cell], encoding: str | None = None) -> Read:
    parts = {leaf.name: leaf}
    return Read(leaf.name, kind, parts, ((leaf.name, cell) for cell in cells), encoding=encoding)
