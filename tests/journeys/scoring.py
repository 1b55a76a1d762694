"""Hold an exported answer against what an intruder's client truly received.

The truth is read here and nowhere else. The answer is read from the exported CSV files, as a stranger would.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

#: A record's key and a field of it.
Pair = tuple[str, str]
#: A log file as the answer names it, and a line of it from 1.
Line = tuple[str, int]

REACHED = frozenset({"confirmed", "probable", "possible"})
SURE = frozenset({"confirmed", "probable"})
#: So many wrong or missing lines weigh nothing in a file, be it ever so small.
GRACE = 5


@dataclass(frozen=True)
class Truth:
    """What was received, by attack, and which lines the intruder left, each with its attack."""

    pairs: Mapping[str, frozenset[Pair]]
    lines: Mapping[Line, str]

    @property
    def every_pair(self) -> frozenset[Pair]:
        """The pairs of all attacks."""
        return frozenset().union(*self.pairs.values())

    @property
    def owners(self) -> frozenset[str]:
        """The keys of all records reached."""
        return frozenset(key for key, _ in self.every_pair)


@dataclass(frozen=True)
class Answer:
    """What the program says: each record's grade, each pair's grade, and each hostile line's path."""

    grades: Mapping[str, str]
    pairs: Mapping[Pair, str]
    lines: Mapping[Line, str]

    def graded(self, grades: frozenset[str]) -> frozenset[Pair]:
        """Return the pairs with one of these grades."""
        return frozenset(pair for pair, grade in self.pairs.items() if grade in grades)


@dataclass(frozen=True)
class Figure:
    """So many of so many, and the least share asked for; nothing of nothing never passes."""

    what: str
    good: int
    whole: int
    least: float
    grace: int = 0

    @property
    def share(self) -> float:
        """The share, 0 of nothing."""
        return self.good / self.whole if self.whole else 0.0

    @property
    def holds(self) -> bool:
        """Whether the share is as asked for, or what lacks is within the grace."""
        return self.whole > 0 and (self.share >= self.least or self.whole - self.good <= self.grace)

    def __str__(self) -> str:
        verdict = "ok" if self.holds else "MISSED"
        return (
            f"{self.what:<62} {self.good:>8,} of {self.whole:>8,}  {self.share:8.4f}"
            f"  asked {self.least:.2f}  {verdict}"
        )


def owner_figures(answer: Answer, truth: Truth) -> list[Figure]:
    """Return the figures on records: nobody reached is missed, and few others are named."""
    reached = {key for key, grade in answer.grades.items() if grade in REACHED}
    spared = answer.grades.keys() - truth.owners
    return [
        Figure("owners reached that are at least possible", *_met(truth.owners, reached), 1.0),
        Figure("owners never reached that are not shown or below", *_met(spared, spared - reached), 0.98),
    ]


def pair_figures(answer: Answer, truth: Truth) -> list[Figure]:
    """Return the figures on (owner, field) pairs, over all and attack by attack."""
    confirmed, sure = answer.graded(frozenset({"confirmed"})), answer.graded(SURE)
    by_attack = [
        Figure(f"pairs of {attack} that are confirmed or probable", *_met(pairs, sure), 0.95)
        for attack, pairs in sorted(truth.pairs.items())
    ]
    return [
        Figure("confirmed pairs that are in the truth", *_met(confirmed, truth.every_pair), 0.99),
        Figure("pairs in the truth that are confirmed or probable", *_met(truth.every_pair, sure), 0.97),
        *by_attack,
    ]


def line_figures(answer: Answer, truth: Truth) -> list[Figure]:
    """Return precision and recall of the hostile lines of each log file.

    Honest lines called hostile all count here, those of shared addresses too: stricter than need be.
    """
    said, true = _by_file(answer.lines), _by_file(truth.lines)
    files = sorted(file for file in said.keys() | true.keys() if not file.endswith("error.log"))
    figures = [
        figure
        for file in files
        for figure in (
            Figure(f"{file}: lines called hostile that are", *_met(said[file], true[file]), 0.98, GRACE),
            Figure(f"{file}: hostile lines that were found", *_met(true[file], said[file]), 0.98, GRACE),
        )
    ]
    # Where one side is empty, the other's figure tells it.
    return [figure for figure in figures if figure.whole]


@dataclass(frozen=True)
class Walks:
    """How the answer's access paths and the truth's attacks meet, counted in lines."""

    lines: Mapping[str, Counter[str]] = field(default_factory=dict)

    @property
    def attack_of(self) -> dict[str, str]:
        """The attack that each path mostly is; paths with no true line are nobody's."""
        return {path: counts.most_common(1)[0][0] for path, counts in self.lines.items() if counts}

    @property
    def purest(self) -> float:
        """The least share of one attack in a path's true lines; 0 where there is no path."""
        shares = [max(counts.values()) / counts.total() for counts in self.lines.values() if counts]
        return min(shares, default=0.0)

    def told_apart(self, attacks: Iterable[str]) -> bool:
        """Whether each attack has a path of its own and no path is a mixture."""
        return set(self.attack_of.values()) == set(attacks) and self.purest >= 0.98


def walks_of(answer: Answer, truth: Truth) -> Walks:
    """Return, for each access path of the answer, its true lines by attack."""
    lines: dict[str, Counter[str]] = defaultdict(Counter)
    for line, path in answer.lines.items():
        if line in truth.lines:
            lines[path][truth.lines[line]] += 1
    return Walks(dict(sorted(lines.items())))


def read_truth(folder: Path) -> Truth:
    """Read ``persons.csv`` and ``attacker_requests.csv``, packed or not.

    ``a1-dirb`` and ``a1-hydra`` are parts of one attack, ``a1``.
    """
    pairs: dict[str, set[Pair]] = defaultdict(set)
    for row in _rows(folder / "persons.csv"):
        pairs[row["attack"]] |= {
            (row["owner_id"], name) for name in filter(None, row["fields_received"].split("|"))
        }
    lines = {
        (row["file"].removeprefix("evidence/"), int(row["line"])): row["attack"].partition("-")[0]
        for row in _rows(folder / "attacker_requests.csv")
    }
    return Truth({attack: frozenset(of_it) for attack, of_it in pairs.items()}, lines)


def read_answer(folder: Path, table: str) -> Answer:
    """Read an export: ``persons.csv`` of one table of people, and ``intrusion.csv``."""
    people = [row for row in _rows(folder / "persons.csv") if row["table"] == table]
    return Answer(
        {row["key"]: row["grade"] for row in people},
        {(row["key"], name): grade for row in people for name, grade in told_fields(row["fields"])},
        {(row["file"], int(row["line"])): row["path"] for row in _rows(folder / "intrusion.csv")},
    )


def told_fields(entries: str) -> Iterator[tuple[str, str]]:
    """Yield field and grade of one ``fields`` cell of an exported sheet."""
    for entry in filter(None, entries.split(";")):
        name, _, graded = entry.partition("=")
        yield name, graded.partition("/")[0]


def _rows(path: Path) -> Iterator[dict[str, str]]:
    raw = path.read_bytes() if path.exists() else gzip.decompress(Path(f"{path}.gz").read_bytes())
    yield from csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""))


def _by_file(lines: Iterable[Line]) -> dict[str, set[Line]]:
    found: dict[str, set[Line]] = defaultdict(set)
    for line in lines:
        found[line[0]].add(line)
    return found


def _met(whole: Iterable[object], good: Iterable[object]) -> tuple[int, int]:
    wanted = set(whole)
    return len(wanted & set(good)), len(wanted)
