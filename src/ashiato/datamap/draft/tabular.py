"""Read a snapshot folder: a CSV file per table, its header, a sample of its values, whole columns on demand.

Every value is read as text, so leading zeros stay. UTF-8 first, then the Japanese encoding of old exports.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv

from ashiato.datamap.draft.seen import SeenColumn, SeenSystem, SeenTable

_SAMPLE_ROWS = 5_000
_SAMPLE_VALUES = 2_000
_MAX_CELL = 1 << 20
_MAX_NAME = 128
_HEAD_BYTES = 1 << 20
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,10}")
_DATE = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")
_MOMENT = re.compile(_DATE.pattern + r"[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?")
_ZONED = re.compile(_MOMENT.pattern + r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)")


def read_csv_table(path: Path, system: SeenSystem) -> None:
    """Add the table in the CSV file at ``path`` to ``system``; columns follow the file's header."""
    encoding = _encoding_of(path)
    header, rows = _head_of(path, encoding)
    if not _is_header(header):
        system.notes.append(f"CHECK: {path.name} has no header line of column names, so it was left out.")
        return
    table = system.tables.setdefault(path.stem, SeenTable(path.stem))
    declared = table.columns
    table.columns = {}
    for number, name in enumerate(header):
        filled = [row[number] for row in rows if number < len(row) and row[number] != ""]
        column = declared.get(name, SeenColumn(name))
        column.values = tuple(filled[:_SAMPLE_VALUES])
        column.type = column.type or guess_type(column.values)
        table.columns[name] = column
    table.read = partial(_read_columns, path, encoding)


def _is_header(header: Sequence[str]) -> bool:
    """Names, each its own, of a length and kind that a database would take."""
    named = all(0 < len(name) <= _MAX_NAME and name.isprintable() for name in header)
    return bool(header) and named and len(set(header)) == len(header)


def guess_type(values: Sequence[str]) -> str:
    """Guess a type that loses nothing: a number with a leading zero is text."""
    for kind, form in (
        ("bigint", _INTEGER),
        ("numeric", _NUMBER),
        ("date", _DATE),
        ("timestamp", _MOMENT),
        ("timestamptz", _ZONED),
    ):
        if values and all(form.fullmatch(value) for value in values):
            return kind
    return "text"


def _encoding_of(path: Path) -> str:
    """``utf-8`` unless the head of the file cannot be that (a character cut at its end is no proof)."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return "utf-8" if error.start > len(head) - 4 and len(head) == _HEAD_BYTES else "cp932"
    return "utf-8"


def _head_of(path: Path, encoding: str) -> tuple[list[str], list[list[str]]]:
    rows = list(islice(_rows_of(path, encoding), _SAMPLE_ROWS + 1))
    return (rows[0], rows[1:]) if rows else ([], [])


def _rows_of(path: Path, encoding: str) -> Iterator[list[str]]:
    """Yield rows up to the first that cannot be read; what was read so far stands."""
    csv.field_size_limit(_MAX_CELL)
    usable = "utf-8-sig" if encoding == "utf-8" else encoding
    with path.open(encoding=usable, errors="replace", newline="") as file:
        try:
            yield from csv.reader(line.replace("\0", "") for line in file)
        except csv.Error:
            return


def _read_columns(path: Path, encoding: str, names: Sequence[str]) -> pa.Table:
    """Read whole columns as text; a file that the fast reader refuses is read row by row."""
    try:
        return _read_fast(path, encoding, names)
    except (pa.ArrowException, KeyError, UnicodeDecodeError):
        return _read_slowly(path, encoding, names)


def _read_fast(path: Path, encoding: str, names: Sequence[str]) -> pa.Table:
    return arrow_csv.read_csv(
        path,
        read_options=arrow_csv.ReadOptions(encoding=encoding, use_threads=False),
        parse_options=arrow_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=lambda _: "skip"),
        convert_options=arrow_csv.ConvertOptions(
            include_columns=list(names),
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
        ),
    )


def _read_slowly(path: Path, encoding: str, names: Sequence[str]) -> pa.Table:
    rows = _rows_of(path, encoding)
    header = next(rows, [])
    places = [header.index(name) for name in names]
    kept = [[row[place] or None for place in places] for row in rows if len(row) == len(header)]
    return pa.table(
        [pa.array(column, pa.string()) for column in _turned(kept, len(places))], names=list(names)
    )


def _turned(rows: list[list[str | None]], width: int) -> list[list[str | None]]:
    return [[row[place] for row in rows] for place in range(width)]
