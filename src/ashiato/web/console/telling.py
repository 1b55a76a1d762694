"""What explains a record, laid out for a page: paths, fields alike together, events with their raw lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from ashiato.exports.cell import show
from ashiato.exports.explaining.note import EventNote, Note, PathNote
from ashiato.exports.explaining.telling import command_for, say_event, say_shows
from ashiato.terms.grades import Grade
from ashiato.terms.reasons import split_reasons
from ashiato.terms.times import iso_of
from ashiato.web.wording import fact_words

_Shown = Callable[[str], str]


@dataclass(frozen=True)
class Fields:
    """Fields of a record that came as far, as surely."""

    grade: Grade
    rung: str
    part: str
    reasons: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class RawLine:
    """A line of the evidence: where it stands, what it says (masked or not), how to read it by hand."""

    place: str
    role: str
    text: str
    command: str


@dataclass(frozen=True)
class Event:
    """One event that shows the record."""

    time: str
    what: str
    shows: str
    alike: int
    lines: tuple[RawLine, ...]


@dataclass(frozen=True)
class Path:
    """One access path to the record."""

    path: str
    title: str
    fields: tuple[Fields, ...]
    events: tuple[Event, ...]
    left_out: int


@dataclass(frozen=True)
class Reason:
    """A doubt beside the grade, and what would settle it."""

    code: str
    text: str
    settles: tuple[str, ...]


def tell_path(path: PathNote, zone: tzinfo, shown: _Shown) -> Path:
    """Lay out one path; foreign text has its controls made visible."""
    words = fact_words()
    doubtful = all(field.grade <= Grade.POSSIBLE for field in path.fields)
    return Path(
        path.path,
        show(words.title(path.technique, path.title)),
        _fields(path),
        tuple(_event(event, zone, shown, doubtful=doubtful) for event in path.events),
        path.events_in_all - len(path.events),
    )


def _fields(path: PathNote) -> tuple[Fields, ...]:
    held: dict[tuple[Grade, str, str, str], list[str]] = {}
    for field in path.fields:
        held.setdefault((field.grade, field.rung, field.part, field.reasons), []).append(field.field)
    return tuple(Fields(*alike, names=tuple(held[alike])) for alike in sorted(held, reverse=True))


def _event(event: EventNote, zone: tzinfo, shown: _Shown, *, doubtful: bool) -> Event:
    words = fact_words()
    return Event(
        iso_of(event.time_us, zone),
        show(say_event(event, words, shown)),
        say_shows(event, words, doubtful=doubtful),
        event.alike,
        tuple(
            RawLine(
                line.place,
                words.code("roles", line.role),
                show(shown(line.raw.rstrip("\r\n"))),
                command_for(line),
            )
            for line in event.lines
        ),
    )


def tell_reasons(note: Note) -> list[Reason]:
    """Lay out what weighs on the grade, each with what would settle it."""
    words = fact_words()
    told = []
    for reason in split_reasons(note.record.reasons):
        code = reason.partition("(")[0]
        remedies = note.remedies.get(code)
        text = words.code("settles", code)
        settles = tuple(words.code("remedies", each) for each in remedies or ())
        told.append(Reason(code, words.code("reasons", code), settles or ((text,) if text != code else ())))
    return told
