"""Hold an exported answer against the truth of the cut, and print how far they agree.

uv run examples/pet-insurer/compare.py answer/ examples/pet-insurer/truth
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from collections.abc import Iterator
from pathlib import Path

_REACHED = ("confirmed", "probable", "possible")


def main() -> None:
    """Print the comparison."""
    answer, truth = Path(sys.argv[1]), Path(sys.argv[2])
    told = {row["key"]: row for row in rows_of(answer / "persons.csv")}
    true = pairs_of(truth / "persons.csv.gz")
    owners = {owner for owner, _ in true}
    graded = {(key, field): grade for key, row in told.items() for field, grade in fields_of(row)}
    confirmed = {pair for pair, grade in graded.items() if grade == "confirmed"}
    sure = {pair for pair, grade in graded.items() if grade in _REACHED[:2]}
    above = [key for key, row in told.items() if row["grade"] in _REACHED and key not in owners]
    say("records reached, in truth", f"{len(owners):,}")
    say("  of them at least possible", share(sum(told[o]["grade"] in _REACHED for o in owners), len(owners)))
    say("fields (of a record) reached, in truth", f"{len(true):,}")
    say("  of them confirmed or probable", share(len(true & sure), len(true)))
    say("fields told as confirmed that are in the truth", share(len(true & confirmed), len(confirmed)))
    say("records never reached but told as reached", share(len(above), len(told) - len(owners)))
    lines = {(row["file"], row["line"]) for row in rows_of(truth / "attacker_requests.csv.gz")}
    found = {(row["file"], row["line"]) for row in rows_of(answer / "intrusion.csv")}
    say("hostile lines found", share(len(lines & found), len(lines)))
    say("lines told as hostile that are", share(len(lines & found), len(found)))


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file, packed or not."""
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    yield from csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline=""))


def pairs_of(path: Path) -> set[tuple[str, str]]:
    """Return the truth as pairs of owner and field."""
    return {
        (row["owner_id"], field)
        for row in rows_of(path)
        for field in row["fields_received"].split("|")
        if field
    }


def fields_of(row: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield field and grade of each entry of ``fields``."""
    for entry in filter(None, row["fields"].split(";")):
        field, _, graded = entry.partition("=")
        yield field, graded.partition("/")[0]


def share(part: int, whole: int) -> str:
    """Write a count with its share of the whole."""
    return f"{part:,} of {whole:,} ({part / whole:.2%})" if whole else f"{part:,} of 0"


def say(what: str, figure: str) -> None:
    """Print one line."""
    sys.stdout.write(f"  {what:<48} {figure}\n")


if __name__ == "__main__":
    main()
