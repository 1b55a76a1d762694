"""Load ``facts.yaml``: the written diary, checked and typed, every fault with its line."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ashiato.law.diary import Diary, Entry, Party
from ashiato.law.fact_values import UNKNOWN, FaultyValueError, read_value
from ashiato.law.refusals import refuse_errors
from ashiato.law.values import FactValue, Moment
from ashiato.law.vocabulary import FactType, load_vocabulary
from ashiato.terms.errors import LawError, Place
from ashiato.written.parsing import MAX_BYTES, Written, parse_written
from ashiato.written.problems import Problem, Spot, dotted, meant, shown
from ashiato.written.structure import check_against, read_schema

Fields = Mapping[str, Any]
_SUBJECT = "the diary of facts"


def load_diary(path: Path) -> Diary:
    """Load and check the diary at ``path``; LawError names every fault with its line and the remedy."""
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        what = f"the diary of facts cannot be read: {error.strerror or error}."
        raise LawError(
            what, where=Place(str(path)), fix="check the path, or write one (docs/guides/duties.md)"
        ) from error
    return parse_diary(content, str(path))


def parse_diary(content: bytes | str, file: str = "facts.yaml") -> Diary:
    """Load and check a diary given as its content; ``file`` names it in errors."""
    raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    written = parse_written(raw, file)
    refuse_errors([*written.problems, *check_against(written, _schema())], _SUBJECT)
    if not written.value:
        refuse_errors([written.problem((), "the diary is empty.", "write `zone:` and `entries:`.")], _SUBJECT)
    entries = _Reader(written).read()
    refuse_errors(written.problems, _SUBJECT)
    top: Fields = written.value
    ordered, text = sorted(entries, key=_order), raw.decode("utf-8-sig")
    refuse_errors(list(_check_order(written, ordered)), _SUBJECT)
    return Diary(
        name=top.get("case", ""),
        zone=ZoneInfo(top["zone"]),
        entries=tuple(ordered),
        file=file,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


@functools.cache
def _schema() -> dict[str, Any]:
    return read_schema("ashiato.law", "facts.schema.json")


def _order(entry: Entry) -> tuple[bool, float]:
    return (entry.known is not None, entry.known.at.timestamp() if entry.known else 0.0)


class _Reader:
    """Reads the entries of one diary; faults go into the file's problems."""

    def __init__(self, written: Written) -> None:
        self._written = written
        self._zone = self._read_zone()

    def read(self) -> list[Entry]:
        """Return the entries as they are written."""
        listed = enumerate(self._written.value["entries"])
        return [self._entry(("entries", number), fields) for number, fields in listed]

    def _read_zone(self) -> ZoneInfo:
        name = self._written.value["zone"]
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            self._wrong(("zone",), f"no time zone is called `{shown(name)}`.", "write one like Asia/Tokyo.")
            return ZoneInfo("UTC")

    def _entry(self, spot: Spot, fields: Fields) -> Entry:
        sets = {name: self._value((*spot, "sets", name), name, said) for name, said in fields["sets"].items()}
        return Entry(
            known=self._known((*spot, "known"), fields["known"]),
            by=fields.get("by", ""),
            party=Party(fields.get("party", Party.OWN)),
            says=fields.get("says", ""),
            source=fields.get("source", ""),
            sets=sets,
            where=Place(self._written.file, self._written.line(spot), dotted(spot)),
        )

    def _known(self, spot: Spot, said: str) -> Moment | None:
        if said == UNKNOWN:
            return None
        try:
            return Moment.of(said, self._zone)
        except ValueError:
            fix = "write a time with offset (2026-06-25T06:30:00+09:00), a day (2026-06-25), or unknown."
            self._wrong(spot, f"`{shown(said)}` is no time of knowing.", fix)
            return None

    def _value(self, spot: Spot, name: str, said: object) -> FactValue | None:
        fact = load_vocabulary().find(name)
        if fact is None:
            self._wrong(spot, f"`{shown(name)}` is no fact known here.", meant(name, _names(), 80))
            return None
        if said == UNKNOWN:
            return None
        return self._read(spot, fact, said)

    def _read(self, spot: Spot, fact: FactType, said: object) -> FactValue | None:
        try:
            return read_value(fact, said, self._zone)
        except FaultyValueError as fault:
            self._wrong(spot, fault.what, fault.fix)
            return None

    def _wrong(self, spot: Spot, what: str, fix: str) -> None:
        self._written.problems.append(self._written.problem(spot, what, fix))


def _names() -> list[str]:
    return list(load_vocabulary().facts)


def _check_order(written: Written, entries: list[Entry]) -> Iterator[Problem]:
    yield from _check_contradictions(written, entries)
    yield from _check_before_event(written, entries)


def _check_contradictions(written: Written, entries: list[Entry]) -> Iterator[Problem]:
    """Two entries of one party and one moment that set a fact to two values: neither is the later one."""
    first: dict[tuple[Party, Moment | None, str], Entry] = {}
    for entry in entries:
        for name, value in entry.sets.items():
            other = first.setdefault((entry.party, entry.known, name), entry)
            if other.sets[name] != value:
                what = f"`{name}` is set otherwise on line {other.where.line}, known then too."
                yield _problem(written, entry, what, "keep one, or say which became known later.")


def _check_before_event(written: Written, entries: list[Entry]) -> Iterator[Problem]:
    """What was known of a break-in cannot have been known before it began, by what is known of it last."""
    began = [value for entry in entries if isinstance(value := entry.sets.get("event.began"), Moment)]
    if not began:
        return
    for entry in entries:
        if entry.known is not None and entry.known.is_before(began[-1]):
            what = f"this was known at {entry.known}, before the event began ({began[-1]})."
            yield _problem(written, entry, what, "correct `known`, or `event.began` in a later entry.")


def _problem(written: Written, entry: Entry, what: str, fix: str) -> Problem:
    return Problem(written.file, entry.where.line, entry.where.path or "", what, fix)
