"""Read YAML text into plain values with the line of every key, refusing what could harm.

Such a file is read by its parse events: anchors, aliases and tags are refused (so nothing expands),
depth and size are bounded, and a key given twice is a problem. Scalars follow the YAML 1.2 core
schema without fractions: ``no``, ``on`` and ``15.10`` stay text, as an operator means them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import yaml

from ashiato.written.problems import Problem, Spot, dotted, shown

MAX_BYTES = 4_000_000
_MAX_DEPTH = 24
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}\Z")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass
class Written:
    """The values of a file, the line of each spot, and what was wrong with the text itself."""

    file: str
    value: Any = None
    lines: dict[Spot, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, spot: Spot) -> int | None:
        """Return the line of a spot, or of the nearest spot around it."""
        while spot and spot not in self.lines:
            spot = spot[:-1]
        return self.lines.get(spot)

    def problem(self, spot: Spot, what: str, fix: str) -> Problem:
        """Return a problem at a spot."""
        return Problem(self.file, self.line(spot), dotted(spot), what, fix)


class _RefusedError(Exception):
    """The text cannot be read any further."""

    def __init__(self, line: int, what: str, fix: str) -> None:
        super().__init__(what)
        self.line, self.what, self.fix = line, what, fix


def parse_written(content: bytes, file: str) -> Written:
    """Parse the content of ``file``; what cannot be read stands in ``problems``, never raised."""
    written = Written(file)
    try:
        _Reader(_text_of(content), written).read()
    except _RefusedError as refused:
        written.value = None
        written.problems.append(Problem(file, refused.line, "", refused.what, refused.fix))
    except yaml.YAMLError as error:
        written.value = None
        written.problems.append(_syntax_problem(file, error))
    return written


def _text_of(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        what = f"the file has {len(content):,} bytes; a file written by hand has at most {MAX_BYTES:,}."
        raise _RefusedError(1, what, "check that this is the file you meant, not data or a log.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _RefusedError(line, "the text is not UTF-8.", "save the file as UTF-8.") from error


def _syntax_problem(file: str, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    said = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read"
    what = f"this is not YAML: {shown(str(said))}."
    fix = "indent with spaces, write `key: value`, and put text with `: `, ` #` or brackets in quotes."
    return Problem(file, mark.line + 1 if mark else None, "", what, fix)


class _Reader:
    """Builds values from parse events; one reader per text."""

    def __init__(self, text: str, written: Written) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)
        self._written = written

    def read(self) -> None:
        """Read the one document into the written form."""
        next(self._events)
        event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            return
        self._written.value = self._value(next(self._events), ())
        next(self._events)
        event = next(self._events)
        if not isinstance(event, yaml.StreamEndEvent):
            raise _refusal(event, "a second document begins here.", "keep one document; take `---` out.")

    def _value(self, event: yaml.Event, spot: Spot) -> object:
        self._written.lines.setdefault(spot, _line_of(event))
        _refuse_harm(event, spot)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(spot)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(spot)
        return _scalar_of(cast("yaml.ScalarEvent", event))

    def _mapping(self, spot: Spot) -> dict[str, object]:
        held: dict[str, object] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            _refuse_harm(event, spot)
            if not isinstance(event, yaml.ScalarEvent):
                raise _refusal(event, "a key is a list or a mapping.", "write a plain name before the colon.")
            self._entry(held, event, (*spot, event.value))
        return held

    def _entry(self, held: dict[str, object], event: yaml.ScalarEvent, spot: Spot) -> None:
        if event.value in held:
            line = _line_of(event)
            first = self._written.line(spot)
            what = f"`{shown(event.value)}` stands here a second time (first on line {first})."
            fix = "keep one of them, or merge the two."
            self._written.problems.append(Problem(self._written.file, line, dotted(spot), what, fix))
            self._value(next(self._events), (*spot, "again"))
        else:
            self._written.lines[spot] = _line_of(event)
            held[event.value] = self._value(next(self._events), spot)

    def _sequence(self, spot: Spot) -> list[object]:
        held: list[object] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            held.append(self._value(event, (*spot, len(held))))
        return held


def _line_of(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _refusal(event: yaml.Event, what: str, fix: str) -> _RefusedError:
    return _RefusedError(_line_of(event), what, fix)


def _refuse_harm(event: yaml.Event, spot: Spot) -> None:
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
        raise _refusal(event, "anchors (`&`) and aliases (`*`) are refused.", "write the values out.")
    tag = getattr(event, "tag", None)
    if tag is not None:
        raise _refusal(event, f"the tag `{shown(tag)}` is refused.", "write plain values without `!`.")
    if len(spot) > _MAX_DEPTH:
        raise _refusal(event, f"nested deeper than {_MAX_DEPTH} levels.", "close the brackets further out.")


def _scalar_of(event: yaml.ScalarEvent) -> object:
    text: str = event.value
    if event.style not in (None, ""):
        return text
    if text.lower() in _WORDS and text in (text.lower(), text.title(), text.upper()):
        return _WORDS[text.lower()]
    return int(text) if _INTEGER.match(text) else text
