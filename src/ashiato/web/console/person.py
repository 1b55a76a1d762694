"""A person's page: grade, fields, rungs, reasons, the raw lines behind; every look is in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render

from ashiato.engine.api import Outcome, record_look
from ashiato.exports.explaining.note import Note, gather_note
from ashiato.exports.explaining.own_values import list_own_values
from ashiato.exports.explaining.raw_lines import mask
from ashiato.rooms.cases.api import Permission
from ashiato.web.console.answers import answer_open
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.looking import is_reason, keep_look
from ashiato.web.console.message import message_address
from ashiato.web.console.pages import page_of
from ashiato.web.console.telling import tell_path, tell_reasons

_RECORDS = """
    SELECT system || '/' || table_name || '/' || record_key FROM people WHERE person_id = ? ORDER BY ALL
"""


@in_case(Permission.SEE_PEOPLE)
def show_person(here: CaseRequest) -> HttpResponse:
    """Show one person's records, values masked; that somebody looked is an entry of the ledger."""
    person = here.request.GET.get("id", "")
    with _answered(here) as outcome:
        records = _records(outcome, person)
        keep_look(here, person, "saw masked", "")
        notes = [gather_note(outcome, record) for record in records]
        shown = [_masked(outcome, note) for note in notes]
        return _render(here, person, notes, shown)


@in_case(Permission.UNMASK)
def unmask_person(here: CaseRequest) -> HttpResponse:
    """Show the same unmasked, once, to who gives a reason; case and server keep it before anything shows."""
    person, reason = (here.request.POST.get(name, "").strip() for name in ("id", "reason"))
    with _answered(here) as outcome:
        records = _records(outcome, person)
        notes = [gather_note(outcome, record) for record in records]
        if not is_reason(reason):
            keep_look(here, person, "saw masked", "")
            shown = [_masked(outcome, note) for note in notes]
            return _render(here, person, notes, shown, is_refused=True)
        for record in records:
            record_look(outcome.case, record, reason)
        keep_look(here, person, "saw unmasked", reason)
        return _render(here, person, notes, [_whole] * len(notes), reason=reason)


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


def _render(
    here: CaseRequest,
    person: str,
    notes: list[Note],
    shown: list[Callable[[str], str]],
    *,
    reason: str = "",
    is_refused: bool = False,
) -> HttpResponse:
    records: list[dict[str, Any]] = [
        {
            "record": note.record,
            "paths": [tell_path(path, here.zone, each) for path in note.paths],
            "reasons": tell_reasons(note),
        }
        for note, each in zip(notes, shown, strict=True)
    ]
    told = page_of(here, "people") | {
        "person": person,
        "records": records,
        "reason": reason,
        "is_refused": is_refused,
        "message_at": message_address(here, person),
        "may_pin": Permission.PIN in here.may,
        "may_unmask": Permission.UNMASK in here.may,
    }
    return render(here.request, "console/person.html", told, status=400 if is_refused else 200)
