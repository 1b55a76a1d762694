"""One list of accounts for each bank, the key to them for ourselves, and how many there are.

A bank's list holds its own accounts, how surely each was reached, and nothing else of the person: no key, no
name but the holder's, no address. What a number stands for is in ``index.csv``, which stays in the house.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from ashiato.engine.api import Accounts, BankAccount, names_bank
from ashiato.exports.cell import shield
from ashiato.exports.whole import whole_file, write_json
from ashiato.terms.counts import Bound, Count, Unit
from ashiato.terms.grades import Grade
from ashiato.terms.ids import short_id
from ashiato.terms.times import iso_of

SCHEMA_VERSION = 1
#: Our own key to the lists; it names records and stays in the house.
INDEX = "index.csv"
_NAMED = re.compile(r"[^0-9A-Za-z]+")
_SHOWN = 3


@dataclass(frozen=True)
class BankList:
    """One bank's list: its file, how many accounts are confirmed and how many possible at least."""

    bank: str
    file: str
    confirmed: int
    accounts: int


def write_lists(
    found: Accounts, folder: Path, zone: ZoneInfo, *, masked: bool
) -> tuple[list[BankList], list[Path]]:
    """Write each bank's list, ``index.csv`` and ``banks.json``; return the lists and the files.

    The surest come first. ``masked``: of each value but the bank's name and code the last characters alone.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    held: dict[str, list[BankAccount]] = defaultdict(list)
    for each in found.accounts:
        held[each.bank].append(each)
    lists, paths, index = [], [], []
    for bank in sorted(held):
        mine = sorted(held[bank], key=lambda each: (-each.grade, each.record, each.at, -each.as_of_us))
        told = BankList(bank, _file_name(bank), sum(e.grade is Grade.CONFIRMED for e in mine), len(mine))
        lists.append(told)
        paths.append(_write_rows(folder / told.file, _rows(mine, zone, masked=masked)))
        index += [
            [told.file, str(number), *each.record, each.person_id, *each.at, each.grade.word]
            for number, each in enumerate(mine, 1)
        ]
    head = ["file", "no", "system", "table", "key", "person_id", "at_table", "at_key", "grade"]
    paths.append(_write_rows(folder / INDEX, [head, *index]))
    paths.append(write_json(folder / "banks.json", _summary(lists, found, zone, masked=masked)))
    return lists, paths


def _rows(accounts: Sequence[BankAccount], zone: ZoneInfo, *, masked: bool) -> Iterable[list[str]]:
    columns = list(dict.fromkeys(f"{each.at[0]}.{name}" for each in accounts for name in each.values))
    yield ["no", *columns, "grade", "reached", "reasons", "as_of"]
    for number, each in enumerate(accounts, 1):
        values = {
            f"{each.at[0]}.{name}": mask(value) if masked and not names_bank(name) else value
            for name, value in each.values.items()
        }
        reached = ";".join(f"{field.name}={field.grade.word}/{field.rung}" for field in each.fields)
        codes = sorted({reason.partition("(")[0] for reason in each.reasons})
        told = [each.grade.word, reached, ";".join(codes), iso_of(each.as_of_us, zone)]
        yield [str(number), *(values.get(column, "") for column in columns), *told]


def mask(value: str) -> str:
    """Return a value of which only the last characters can be read; of a short one none."""
    shown = value[-_SHOWN:] if len(value) >= 2 * _SHOWN else ""
    return "*" * (len(value) - len(shown)) + shown


def _write_rows(path: Path, rows: Iterable[Sequence[str]]) -> Path:
    """Write rows as other CSV files are: UTF-8 with its mark, RFC 4180, no cell that a sheet would run."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([shield(cell) for cell in row] for row in rows)
    with whole_file(path) as file:
        file.write(b"\xef\xbb\xbf" + text.getvalue().encode())
    return path


def _summary(
    lists: Sequence[BankList], found: Accounts, zone: ZoneInfo, *, masked: bool
) -> dict[str, object]:
    accounts = found.accounts
    as_of = iso_of(max((each.as_of_us for each in accounts), default=0), zone)

    def counted(confirmed: int, most: int, unit: Unit) -> dict[str, object]:
        return {
            "at_least": Count(confirmed, unit, Bound.AT_LEAST, as_of).as_json(),
            "at_most": Count(most, unit, Bound.AT_MOST, as_of).as_json(),
        }

    sure = {each.person_id for each in accounts if each.grade is Grade.CONFIRMED}
    return {
        "schema_version": SCHEMA_VERSION,
        "masked": masked,
        "people": counted(len(sure), len({each.person_id for each in accounts}), Unit.PEOPLE),
        "records_without_an_account": Count(found.unlisted, Unit.RECORDS, Bound.EXACT, as_of).as_json(),
        "banks": [
            {"bank": each.bank, "file": each.file} | counted(each.confirmed, each.accounts, Unit.ACCOUNTS)
            for each in lists
        ],
    }


def _file_name(bank: str) -> str:
    """Return a file's name that no bank's name can steer: its plain letters, and a hash of the whole."""
    plain = _NAMED.sub("-", bank).strip("-")[:40].lower()
    return f"bank-{plain or ('unknown' if not bank else 'other')}-{short_id(bank)[:8]}.csv"
