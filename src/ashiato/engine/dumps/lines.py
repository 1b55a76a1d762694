"""The lines of a dump, counted, so that what is wrong with it can be placed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from ashiato.engine.dumps.tables import TableFiles
from ashiato.terms.errors import CaseError


class Lines:
    """An iterator over a file's lines that knows the number of the last one."""

    def __init__(self, file: BinaryIO, tables: TableFiles) -> None:
        """``tables`` says what is wrong."""
        self._file = file
        self._tables = tables
        self.number = 0
        self._given_back: list[bytes] = []

    def __iter__(self) -> Iterator[bytes]:
        """Yield the lines that are left."""
        return self

    def __next__(self) -> bytes:
        """Return the next line with its end."""
        line = self._given_back.pop() if self._given_back else next(self._file)
        self.number += 1
        return line

    def give_back(self, content: bytes) -> None:
        """Take back whole lines that were read too many; they come again."""
        lines = [line + b"\n" for line in content.split(b"\n")]
        lines[-1] = lines[-1][:-1]
        held = [line for line in lines if line]
        self.number -= len(held)
        self._given_back += reversed(held)

    def not_read(self) -> CaseError:
        """Return the error that a row cannot be read."""
        return self._tables.refusal("a row of the dump cannot be read", self.number)

    def broken_off(self) -> CaseError:
        """Return the error that the dump ends inside a table."""
        return self._tables.refusal("the dump breaks off inside a table", self.number)
