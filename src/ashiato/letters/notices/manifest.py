"""What a batch holds, for the printer and for the ledger: hash, count, and the pages of each letter."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import orjson

from ashiato.exports.cell import shield

_COLUMNS = ("number", "reference", "code", "first_page", "last_page", "letter_sha256", "barcode")


@dataclass(frozen=True)
class Entry:
    """One letter. Pages count from 1, an empty back included; ``letter_sha256``: over all that is its own.

    ``barcode``: ``yes`` where the post's code is on it.
    """

    number: int
    reference: str
    code: str
    first_page: int
    last_page: int
    letter_sha256: str
    barcode: str


@dataclass(frozen=True)
class Refused:
    """A person who is not in the batch, and why: for the call list, or to be mended and planned again."""

    reference: str
    why: str


@dataclass(frozen=True)
class Manifest:
    """One batch. ``pdf_sha256``: of the file's bytes; ``wording_sha256``: of the templates used."""

    batch: str
    pdf_sha256: str
    wording_sha256: str
    pages: int
    letters: tuple[Entry, ...]
    refused: tuple[Refused, ...]

    def as_json(self) -> bytes:
        """Return the manifest for machines."""
        held = {**vars(self), "count": len(self.letters)}
        return orjson.dumps(held, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"

    def as_csv(self) -> bytes:
        """Return one row per letter, as a printer's program reads it."""
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\r\n")
        rows.writerow(_COLUMNS)
        for each in self.letters:
            rows.writerow([shield(str(cell)) for cell in vars(each).values()])
        return text.getvalue().encode("utf-8-sig")
