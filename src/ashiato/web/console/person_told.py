"""One person explained, for a page or a program: masked, or whole for a reason; the look is kept first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.http import Http404

from ashiato.engine.api import Outcome, record_look
from ashiato.exports.explaining.note import Note, Record, gather_note
from ashiato.exports.explaining.own_values import list_own_values
from ashiato.exports.explaining.raw_lines import mask
from ashiato.web.console.answers import answer_open
from ashiato.web.console.doors import CaseRequest
from ashiato.web.console.looking import is_reason, keep_look, why_of
from ashiato.web.console.telling import Path, Reason, tell_path, tell_reasons

_RECORDS = """
    SELECT system || '/' || table_name || '/' || record_key FROM people WHERE person_id = ? ORDER BY ALL
"""


@dataclass(frozen=True)
class RecordTold:
    """One record of theirs: the paths to it, what weighs on its grade."""

    record: Record
    paths: list[Path]
    reasons: list[Reason]


def tell_masked(here: CaseRequest, person: str) -> list[RecordTold]:
    """Tell a person's records with values masked; Http404 where there is no such person."""
    with _answered(here) as outcome:
        records = _records(outcome, person)
        keep_look(here, person, "saw masked", "")
        notes = [gather_note(outcome, record) for record in records]
        return [_told(here, note, _masked(outcome, note)) for note in notes]


def tell_whole(here: CaseRequest, person: str, reason: str) -> list[RecordTold] | None:
    """Tell them as they are; case and server keep the reason before. None: it is no reason."""
    if not is_reason(reason):
        return None
    with _answered(here) as outcome:
        records = _records(outcome, person)
        notes = [gather_note(outcome, record) for record in records]
        for record in records:
            record_look(outcome.case, record, why_of(here, reason))
        keep_look(here, person, "saw unmasked", reason)
        return [_told(here, note, _whole) for note in notes]


@contextmanager
def _answered(here: CaseRequest) -> Iterator[Outcome]:
    with answer_open(here.case) as outcome:
        if outcome is None:
            raise Http404
        yield outcome


def _records(outcome: Outcome, person: str) -> list[str]:
    """Return the records of a person of this case; Http404 where there are none."""
    found = outcome.store.rows(_RECORDS, [person])
    if not found:
        raise Http404
    return [record for (record,) in found]


def _masked(outcome: Outcome, note: Note) -> Callable[[str], str]:
    values = list_own_values(outcome, note.record)
    return lambda raw: mask(raw, values)


def _whole(raw: str) -> str:
    return raw


def _told(here: CaseRequest, note: Note, shown: Callable[[str], str]) -> RecordTold:
    return RecordTold(
        note.record, [tell_path(path, here.zone, shown) for path in note.paths], tell_reasons(note)
    )
