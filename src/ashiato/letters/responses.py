"""What was done to tell people, as counts: by channel, wave and outcome, with days; never a person.

The rooms count it from the ledger of sending and write it down; drafts of reports read it (item 6 of the
PPC's form, 本人への対応の実施状況).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ashiato.exports.cell import shield
from ashiato.terms.counts import Bound, Count, Unit
from ashiato.terms.errors import LawError, Place

VERSION = 1
_LONGEST = 4_000_000
_COLUMNS = ("part", "key", "outcome", "value", "unit", "bound", "first", "last", "as_of")


@dataclass(frozen=True)
class Handed:
    """People to whom something was handed over by one channel or in one wave, and when first and last.

    ``outcomes``: of the people whose counting notice is of this channel or wave, how many stand where.
    """

    key: str
    people: int
    first: datetime | None
    last: datetime | None
    outcomes: Mapping[str, int]


@dataclass(frozen=True)
class Published:
    """A publication in stead of notices: when and where, and for how many people."""

    at: datetime
    where: str
    people: int


@dataclass(frozen=True)
class Response:
    """Counts of people as of a moment. ``exact`` False: two of them may yet turn out to be one.

    ``told``: to whom anything was handed over, by whatever channel; who was told by two channels is in both
    of ``channels``, and once here. ``settle_days``: after so many without a bounce is taken as delivered.
    """

    as_of: datetime
    exact: bool
    run: int
    people: int
    told: int
    outcomes: Mapping[str, int]
    excluded: Mapping[str, int]
    channels: tuple[Handed, ...]
    waves: tuple[Handed, ...]
    publications: tuple[Published, ...]
    settle_days: int

    def count(self, number: int) -> Count:
        """Return a number with its unit and bound."""
        bound = Bound.EXACT if self.exact else Bound.AT_MOST
        return Count(number, Unit.PEOPLE, bound, self.as_of.isoformat())

    def as_json(self) -> bytes:
        """Return it for machines, every number with its unit and bound."""
        whole = {
            "version": VERSION,
            "as_of": self.as_of.isoformat(),
            "run": self.run,
            "settle_days": self.settle_days,
            "people": self.count(self.people).as_json(),
            "told": self.count(self.told).as_json(),
            "outcomes": self._counts(self.outcomes),
            "excluded": self._counts(self.excluded),
            "channels": [self._handed(each) for each in self.channels],
            "waves": [self._handed(each) for each in self.waves],
            "publications": [
                {"at": each.at.isoformat(), "where": each.where, "people": self.count(each.people).as_json()}
                for each in self.publications
            ],
        }
        return json.dumps(whole, ensure_ascii=False, indent=2, sort_keys=True).encode() + b"\n"

    def as_csv(self) -> bytes:
        """Return it as one row for each number."""
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\r\n")
        rows.writerow(_COLUMNS)
        for part, key, outcome, number, first, last in self._rows():
            count = self.count(number)
            days = ["" if at is None else at.isoformat() for at in (first, last)]
            row = (part, key, outcome, number, count.unit, count.bound, *days, count.as_of)
            rows.writerow([shield(str(cell)) for cell in row])
        return text.getvalue().encode("utf-8-sig")

    def _rows(self) -> Iterator[tuple[str, str, str, int, datetime | None, datetime | None]]:
        yield "people", "", "", self.people, None, None
        yield "told", "", "", self.told, None, None
        yield from (("outcome", "", name, number, None, None) for name, number in self.outcomes.items())
        yield from (("excluded", name, "", number, None, None) for name, number in self.excluded.items())
        for part, those in (("channel", self.channels), ("wave", self.waves)):
            for each in those:
                yield part, each.key, "handed over", each.people, each.first, each.last
                for name, number in each.outcomes.items():
                    yield part, each.key, name, number, None, None
        for published in self.publications:
            yield "publication", published.where, "published", published.people, published.at, published.at

    def _counts(self, held: Mapping[str, int]) -> dict[str, Any]:
        return {name: self.count(number).as_json() for name, number in held.items()}

    def _handed(self, each: Handed) -> dict[str, Any]:
        return {
            "key": each.key,
            "handed_over": self.count(each.people).as_json(),
            "first": each.first.isoformat() if each.first else None,
            "last": each.last.isoformat() if each.last else None,
            "outcomes": self._counts(each.outcomes),
        }


def read_response(path: Path) -> Response:
    """Read what ``as_json`` wrote; LawError where it is something else."""
    try:
        with path.open("rb") as file:
            return _response(json.loads(file.read(_LONGEST)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise LawError(
            f"this is no count of notices ({type(error).__name__})",
            where=Place(str(path)),
            fix="ashiato notify report writes it",
        ) from error


def _response(said: Mapping[str, Any]) -> Response:
    if said["version"] != VERSION:
        raise ValueError("another version")
    return Response(
        as_of=_moment(said["as_of"]),
        exact=Bound(said["people"]["bound"]) is Bound.EXACT,
        run=int(said["run"]),
        people=_number(said["people"]),
        told=_number(said["told"]),
        outcomes=_numbers(said["outcomes"]),
        excluded=_numbers(said["excluded"]),
        channels=tuple(map(_read_handed, said["channels"])),
        waves=tuple(map(_read_handed, said["waves"])),
        publications=tuple(
            Published(_moment(each["at"]), str(each["where"]), _number(each["people"]))
            for each in said["publications"]
        ),
        settle_days=int(said["settle_days"]),
    )


def _read_handed(said: Mapping[str, Any]) -> Handed:
    first, last = (_moment(said[name]) if said[name] else None for name in ("first", "last"))
    return Handed(str(said["key"]), _number(said["handed_over"]), first, last, _numbers(said["outcomes"]))


def _numbers(said: Mapping[str, Any]) -> dict[str, int]:
    return {str(name): _number(count) for name, count in said.items()}


def _number(said: Mapping[str, Any]) -> int:
    value = said["value"]
    if type(value) is not int or value < 0 or said["unit"] != Unit.PEOPLE:
        raise ValueError("no count of people")
    return value


def _moment(said: str) -> datetime:
    at = datetime.fromisoformat(said)
    if at.tzinfo is None:
        raise ValueError("a time without its zone")
    return at
