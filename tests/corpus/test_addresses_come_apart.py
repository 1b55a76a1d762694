"""The shared addresses: of the parts another team expects, nearly all come out."""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from pathlib import Path

from ashiato.engine.people.forms.addresses.parts import parse_address

_PARTS = ("都道府県", "市区町村", "町字", "番地号")
_LEAST = 0.95


def _bare(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace(" ", "")


def _expected(row: dict[str, str]) -> dict[str, str]:
    """What follows the town is one part: a number whose position the set has not stands with the rest."""
    return {name: _bare(row[name] + (row["その他"] if name == "番地号" else "")) for name in _PARTS}


def _told(written: str) -> dict[str, str]:
    parts = parse_address(written)
    values = (parts.prefecture, parts.municipality, parts.town, parts.numbers + parts.building)
    return dict(zip(_PARTS, map(_bare, values), strict=True))


def test_nearly_all_expected_parts_come_out(corpus: Path) -> None:
    with (corpus / "people-jp-addresses" / "addresses.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    missed: Counter[str] = Counter()
    gaps: list[str] = []
    for row in rows:
        expected, came = _expected(row), _told(row["住所"])
        wrong = [name for name in _PARTS if expected[name] != came[name]]
        missed.update(wrong)
        gaps += [f"{row['住所']}: {[(expected[name], came[name]) for name in wrong]}"] if wrong else []
    rate = 1 - missed.total() / (len(rows) * len(_PARTS))
    shown = "\n".join(gaps)
    parts = len(rows) * len(_PARTS)
    told = f"people-jp-addresses: {rate:.4f} of {parts} parts; missed {dict(missed)}"
    print(f"{told}\n{shown}")  # noqa: T201 - one rate per set
    assert rows
    assert rate >= _LEAST, shown
