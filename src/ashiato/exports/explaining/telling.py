"""The note in words, as plain lines: what an expert would write about one record."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from datetime import tzinfo
from urllib.parse import unquote

from ashiato.exports.explaining.absence import tell_absence
from ashiato.exports.explaining.note import EventNote, FieldGrade, Line, Note, PathNote
from ashiato.exports.words import Words
from ashiato.terms.grades import Grade
from ashiato.terms.reasons import split_reasons
from ashiato.terms.times import iso_of

#: How an original is read by hand, by its compression.
_READERS = {
    "gz": "gzip -dc",
    "bz2": "bzip2 -dc",
    "xz": "xz -dc",
    "zst": "zstd -dc",
}
_MANY_CODES = 3
_LONGEST = 1_200


def tell_note(note: Note, words: Words, zone: tzinfo, shown: Callable[[str], str]) -> Iterator[str]:
    """Yield the lines of a note; ``shown`` masks a raw line, or leaves it when a reason was given."""
    record = note.record
    yield words.say("explain.heading", record=record.name)
    yield "  " + words.say("explain.grade", grade=words.grade(record.grade))
    yield "  " + words.code("grade_meanings", record.grade.word)
    if record.persona:
        yield "  " + words.say("explain.persona", persona=record.persona)
    for path in note.paths:
        yield ""
        yield from _tell_path(path, words, zone, shown)
    if not any(path.events for path in note.paths):
        yield "  " + words.say("explain.nothing")
    yield ""
    yield from _tell_why(note, words)
    if note.absence is not None:
        yield ""
        yield from tell_absence(note.absence, words, zone)
    yield from _tell_check(note, words)


def _tell_check(note: Note, words: Words) -> Iterator[str]:
    lines = [line for path in note.paths for event in path.events for line in event.lines]
    commands = {line.evidence_id: (line.place, command_for(line)) for line in reversed(lines)}
    if not commands:
        return
    yield ""
    yield words.say("explain.check")
    for place, command in sorted(commands.values()):
        yield f"  {place}"
        yield f"    {command}"


def _tell_path(path: PathNote, words: Words, zone: tzinfo, shown: Callable[[str], str]) -> Iterator[str]:
    yield words.say("explain.path", path=path.path, title=words.title(path.technique, path.title))
    if path.why:
        yield f"  {words.say('explain.hostile')}{_after(_say_grounds(path.why, words), words)}"
    yield f"  {words.say('explain.fields')}"
    for grade, rung, part, reasons in sorted({_sort_of(field) for field in path.fields}, reverse=True):
        alike = [field.field for field in path.fields if _sort_of(field) == (grade, rung, part, reasons)]
        named = f"{words.grade(grade)} / {rung} {words.code('rungs', rung)}{f' [{part}]' if part else ''}"
        yield f"    {named}{f' ({reasons})' if reasons else ''}: {', '.join(alike)}"
    if path.events:
        yield f"  {words.say('explain.proof')}"
    doubtful = all(field.grade <= Grade.POSSIBLE for field in path.fields)
    told: set[str] = set()
    for event in path.events:
        yield from _tell_event(event, words, zone, shown, doubtful=doubtful)
        if event.alike > 1 and event.kind_of_event not in told:
            yield "      " + words.say("explain.alike", number=words.number(event.alike))
        told.add(event.kind_of_event)
    over = path.events_in_all - len(path.events)
    if over > 0:
        yield "    " + words.say("more", number=words.number(over), file="exposures.csv")


def _sort_of(field: FieldGrade) -> tuple[Grade, str, str, str]:
    return field.grade, field.rung, field.part, field.reasons


def _after(text: str, words: Words) -> str:
    return words.say("explain.colon", text=text)


def _say_grounds(why: str, words: Words) -> str:
    return words.say("explain.comma").join(say_ground(reason, words) for reason in split_reasons(why))


def say_shows(event: EventNote, words: Words, *, doubtful: bool) -> str:
    """Say what an event shows; where the record is only possible, no more than that it may."""
    perhaps = f"{event.shows}-perhaps"
    known = doubtful and perhaps in words.section("shows")
    return words.code("shows", perhaps if known else event.shows)


def _tell_event(
    event: EventNote, words: Words, zone: tzinfo, shown: Callable[[str], str], *, doubtful: bool
) -> Iterator[str]:
    yield f"    {iso_of(event.time_us, zone)}  {say_event(event, words, shown)}"
    said = say_shows(event, words, doubtful=doubtful)
    yield f"      {words.say('explain.shows')}{_after(said, words)}"
    if event.why and event.confidence is not None:
        sure = words.say("explain.sure", percent=round(event.confidence * 100))
        ground = f"{_say_grounds(event.why, words)} ({sure})"
        yield f"      {words.say('explain.hostile')}{_after(ground, words)}"
    for number, line in enumerate(event.lines):
        raw = line.raw.rstrip("\r\n")
        yield f"      {line.place}  [{words.code('roles', line.role)}]"
        yield from (f"        | {text}" for text in shown(raw).splitlines())
        if number == 0 and raw.count("%") >= _MANY_CODES:
            yield f"        {words.say('explain.decoded')}{_after(_short(shown(unquote(raw))), words)}"


def say_event(event: EventNote, words: Words, shown: Callable[[str], str]) -> str:
    """Return what happened, in words; foreign text goes through ``shown``."""
    who = event.actor or words.say("explain.nobody")
    if event.kind == "http":
        size = "?" if event.sent_bytes is None else words.number(event.sent_bytes)
        return words.say(
            "explain.request",
            request=f"{event.method} {shown(event.route)}",
            address=event.address,
            actor=who,
            status=event.status if event.status is not None else "?",
            size=size,
        )
    if event.kind == "api":
        size = "?" if event.sent_bytes is None else words.number(event.sent_bytes)
        call = f"{event.method} {shown(event.route)}"
        return words.say("explain.call", call=call, address=event.address or "?", actor=who, size=size)
    if event.error:
        return words.say("explain.failed", user=event.database_user, error=shown(event.error))
    rows = "?" if event.rows is None else words.number(event.rows)
    return words.say("explain.statement", user=event.database_user, rows=rows)


def say_ground(reason: str, words: Words) -> str:
    """Return why something is held to be the intruder's, in words: ``shown-by(rule=x)``."""
    code, _, inside = reason.partition("(")
    params = dict(part.partition("=")[::2] for part in inside.removesuffix(")").split(","))
    form = words.section("grounds").get(code)
    if form is None:
        return reason
    return form.format_map(
        {
            "rule": words.code("signs", params.get("rule", "?")),
            "link": words.code("links", params.get("link", "?")),
            "path": params.get("path", "?"),
            "by": words.code("links", params.get("by", "?")),
            "value": params.get("value", "?"),
            "requests": params.get("requests", "?"),
            "percent": params.get("hostile-share-percent", "?"),
        }
    )


def command_for(line: Line) -> str:
    """Return a shell command that prints the line from the sealed original, run in the case's folder."""
    kept = shlex.quote(line.kept_as)
    cut = f"sed -n '{line.line_first},{line.line_last}p'"
    if line.is_element:
        size = line.byte_last - line.byte_first + 1
        cut = f"tail -c +{line.byte_first + 1} | head -c {size}"
        unpacker = "cat" if line.compression == "none" else _READERS.get(line.compression, line.compression)
        return f"{unpacker} {kept} | {cut}"
    if line.compression == "none":
        return f"{cut} {kept}"
    reader = _READERS.get(line.compression)
    return f"{reader} {kept} | {cut}" if reader else f"{line.compression}: {kept} | {cut}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _tell_why(note: Note, words: Words) -> Iterator[str]:
    yield words.say("explain.why")
    yield "  " + words.say(f"explain.why_{note.record.grade.word.replace(' ', '_')}")
    reasons = split_reasons(note.record.reasons)
    if reasons:
        yield "  " + words.say("explain.doubts")
    for reason in reasons:
        code, _, params = reason.partition("(")
        inside = f" ({params.removesuffix(')')})" if params else ""
        yield f"    {code}{inside}{_after(words.code('reasons', code), words)}"
    settled = [line for reason in reasons for line in _settling(reason.partition("(")[0], note, words)]
    if settled:
        yield "  " + words.say("explain.settle")
    for line in dict.fromkeys(settled):
        yield f"    {line}"


def _settling(code: str, note: Note, words: Words) -> list[str]:
    remedies = note.remedies.get(code)
    if remedies:
        return [words.code("remedies", remedy) for remedy in remedies]
    text = words.code("settles", code)
    return [] if text == code else [text]
