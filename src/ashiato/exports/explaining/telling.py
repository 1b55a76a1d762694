"""The note in words, as plain lines: what an expert would write about one record."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from datetime import tzinfo

from ashiato.exports.explaining.note import FieldGrade, Note, PathNote, Proof
from ashiato.exports.words import Words
from ashiato.terms.times import iso_of

#: How an original is read by hand, by its compression.
_READERS = {
    "none": "cat",
    "gz": "gzip -dc",
    "bz2": "bzip2 -dc",
    "xz": "xz -dc",
    "zst": "zstd -dc",
}


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
    if not any(path.proofs for path in note.paths):
        yield "  " + words.say("explain.nothing")
    yield ""
    yield from _tell_why(note, words)


def _tell_path(path: PathNote, words: Words, zone: tzinfo, shown: Callable[[str], str]) -> Iterator[str]:
    title = words.title(path.technique, path.title)
    yield words.say("explain.path", path=path.path, title=title)
    yield f"  {words.say('explain.fields')}"
    for field in path.fields:
        yield "    " + _field(field, words)
    if path.proofs:
        yield f"  {words.say('explain.proof')}"
    for proof in path.proofs:
        yield from _tell_proof(proof, words, zone, shown)
    over = path.proofs_in_all - len(path.proofs)
    if over > 0:
        yield "    " + words.say("more", number=words.number(over), file="exposures.csv")


def _field(field: FieldGrade, words: Words) -> str:
    part = f" [{field.part}]" if field.part else ""
    reasons = f"  ({field.reasons})" if field.reasons else ""
    rung = f"{field.rung} {words.code('rungs', field.rung)}"
    return f"{field.field}: {words.grade(field.grade)}, {rung}{part}{reasons}"


def _tell_proof(proof: Proof, words: Words, zone: tzinfo, shown: Callable[[str], str]) -> Iterator[str]:
    yield f"    {iso_of(proof.time_us, zone)}  {proof.place}"
    yield f"      {words.say('explain.shows')}: {words.code('shows', proof.shows)}"
    for line in shown(proof.raw).splitlines():
        yield f"      | {line}"
    yield "      " + words.say("explain.check", command=command_for(proof))


def command_for(proof: Proof) -> str:
    """Return a shell command that prints the line from the sealed original, run in the case's folder."""
    kept = shlex.quote(proof.kept_as)
    lines = f"sed -n '{proof.line_first},{proof.line_last}p'"
    if proof.compression == "none":
        return f"{lines} {kept}"
    reader = _READERS.get(proof.compression)
    return f"{reader} {kept} | {lines}" if reader else f"ashiato verify . ({proof.compression}: {kept})"


def _tell_why(note: Note, words: Words) -> Iterator[str]:
    yield words.say("explain.why")
    yield "  " + words.say(f"explain.why_{note.record.grade.word.replace(' ', '_')}")
    reasons = list_reasons(note.record.reasons)
    if reasons:
        yield "  " + words.say("explain.doubts")
    for reason in reasons:
        code, _, params = reason.partition("(")
        inside = f" ({params.removesuffix(')')})" if params else ""
        yield f"    {code}{inside}: {words.code('reasons', code)}"
    yield "  " + words.say("explain.settle")
    settled = [line for reason in reasons for line in _settling(reason.partition("(")[0], note, words)]
    for line in dict.fromkeys(settled) or [words.say("explain.settle_nothing")]:
        yield f"    {line}"


def _settling(code: str, note: Note, words: Words) -> list[str]:
    remedies = note.remedies.get(code)
    if remedies:
        return [words.code("remedies", remedy) for remedy in remedies]
    text = words.code("settles", code)
    return [] if text == code else [text]


def list_reasons(reasons: str) -> list[str]:
    """Split a text of reasons at each ``;`` that stands outside brackets."""
    found, depth = [""], 0
    for char in reasons:
        depth += (char == "(") - (char == ")")
        if char == ";" and depth <= 0:
            found.append("")
        else:
            found[-1] += char
    return [reason for reason in found if reason]
