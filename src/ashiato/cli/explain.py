"""``ashiato explain``: why one record has its grade."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from ashiato.cli.options import AsJson, CaseFolder, Lang
from ashiato.cli.screen import note as remark
from ashiato.cli.screen import say, say_json
from ashiato.cli.surroundings import language_of_machine, now_us
from ashiato.exports.words import words_in
from ashiato.terms.times import iso_of

if TYPE_CHECKING:
    from ashiato.engine.api import Outcome
    from ashiato.exports.explaining.note import Note


def explain(
    folder: CaseFolder,
    person: Annotated[
        str, typer.Option(metavar="KEY", help="A key of persons.csv: KEY, TABLE/KEY or SYSTEM/TABLE/KEY.")
    ],
    reason: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Why you look: shows values unmasked; kept in the ledger."),
    ] = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Say why a record has its grade: each raw line with its file and number, and what it shows.

    Values are masked unless a reason is given. The ledger keeps the reason, and a code for the record instead
    of its key.
    """
    from ashiato.engine.api import open_case, open_outcome
    from ashiato.exports.explaining.note import gather_note
    from ashiato.exports.explaining.telling import tell_note

    case = open_case(folder, now_us)
    words = words_in(lang or language_of_machine())
    with open_outcome(case) as outcome:
        note = gather_note(outcome, person)
        shown = _unmasked(outcome, note, reason) if reason else _masked(outcome, note)
    if as_json:
        say_json(_as_json(note, outcome, shown))
        return
    for line in tell_note(note, words, case.zone, shown):
        say(line)
    remark(
        words.say("explain.unmasked", reason=reason) if reason else words.say("explain.masked"), style="dim"
    )


def _masked(outcome: Outcome, note: Note) -> Callable[[str], str]:
    from ashiato.exports.explaining.own_values import list_own_values
    from ashiato.exports.explaining.raw_lines import mask

    values = list_own_values(outcome, note.record)
    return lambda raw: mask(raw, values)


def _unmasked(outcome: Outcome, note: Note, reason: str) -> Callable[[str], str]:
    from ashiato.engine.api import record_look

    record_look(outcome.case, note.record.name, reason)
    return lambda raw: raw


def _as_json(note: Note, outcome: Outcome, shown: Callable[[str], str]) -> dict[str, object]:
    from ashiato.exports.explaining.absence import absence_as_json
    from ashiato.exports.explaining.telling import command_for

    record = note.record
    return {
        "system": record.system,
        "table": record.table,
        "key": record.key,
        "person_id": record.person_id,
        "persona": record.persona,
        "grade": record.grade.word,
        "fields": record.fields,
        "reasons": record.reasons,
        "absence": absence_as_json(note.absence, outcome.zone),
        "paths": [
            {
                "path": path.path,
                "title": path.title,
                "events_in_all": path.events_in_all,
                "proofs": [
                    {
                        "time": iso_of(event.time_us, outcome.zone),
                        "evidence": line.place,
                        "shows": event.shows,
                        "why": event.why,
                        "raw": shown(line.raw),
                        "check": command_for(line),
                    }
                    for event in path.events
                    for line in event.lines
                ],
            }
            for path in note.paths
        ],
    }
