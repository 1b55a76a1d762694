"""A draft as plain values: sections of lines, each a sentence with its grounds or a blank to be filled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Style(StrEnum):
    """How a section is set: label beside text (forms), or one paragraph after another."""

    FORM = "form"
    PROSE = "prose"
    LIST = "list"


@dataclass(frozen=True)
class Ground:
    """What a sentence rests on: an entry of the diary, a run, or a rule. ``sure``: how far it is known."""

    what: str
    where: str
    sure: str


@dataclass(frozen=True)
class Said:
    """A piece of text and what it rests on."""

    text: str
    grounds: tuple[Ground, ...] = ()


@dataclass(frozen=True)
class Line:
    """One line: ``text`` None is a blank, of which ``label`` says what is to be written."""

    key: str
    label: str
    text: str | None
    grounds: tuple[Ground, ...] = ()

    @property
    def is_blank(self) -> bool:
        """Whether somebody has to fill it in."""
        return self.text is None


@dataclass(frozen=True)
class Section:
    """A heading and its lines."""

    heading: str
    style: Style
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Change:
    """A line that says something else than it did before; None: it was not there, or is not any more."""

    label: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Document:
    """A draft for one reader as of a moment.

    ``doubts``: what a person has to settle before it leaves the house.
    ``since``: the moment an earlier draft stood for, whose differences are ``changes``.
    """

    kind: str
    language: str
    title: str
    purpose: str
    as_of: str
    sections: tuple[Section, ...]
    doubts: tuple[str, ...] = ()
    since: str | None = None
    changes: tuple[Change, ...] = ()

    def lines(self) -> Iterator[Line]:
        """Yield the lines of all sections, in order."""
        for section in self.sections:
            yield from section.lines

    @property
    def blanks(self) -> int:
        """How many lines somebody has to fill in."""
        return sum(line.is_blank for line in self.lines())

    def as_json(self) -> dict[str, Any]:
        """The draft for machines: every line with its grounds."""
        return {
            "kind": self.kind,
            "language": self.language,
            "title": self.title,
            "as_of": self.as_of,
            "blanks": self.blanks,
            "sections": [
                {"heading": section.heading, "lines": [_line(line) for line in section.lines]}
                for section in self.sections
            ],
            "doubts": list(self.doubts),
            "since": self.since,
            "changes": [
                {"label": each.label, "before": each.before, "after": each.after} for each in self.changes
            ],
        }


def _line(line: Line) -> dict[str, Any]:
    grounds = [{"what": each.what, "where": each.where, "sure": each.sure} for each in line.grounds]
    return {"key": line.key, "label": line.label, "text": line.text, "grounds": grounds}
