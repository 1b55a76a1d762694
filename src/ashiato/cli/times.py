"""``ashiato times``: when it began, was seen, stopped and shown to be stopped, and what left by then."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ashiato.cli.options import AsJson, Lang
from ashiato.cli.screen import clean, say, say_json
from ashiato.cli.started import start_server
from ashiato.cli.surroundings import language_of_machine, now_us
from ashiato.exports.words import words_in
from ashiato.terms.times import moment_of

if TYPE_CHECKING:
    from ashiato.exports.times import Times

CaseFolder = Annotated[
    Path | None,
    typer.Argument(
        metavar="[DIR]", help="The case's folder; without it, all that was kept.", show_default=False
    ),
]


def times(folder: CaseFolder = None, *, lang: Lang = None, as_json: AsJson = False) -> None:
    """Say the time figures of a case, each with its source and bound, and keep them for years.

    Reckoned by the newest run, the alarms of guards and the plans of containment; kept in the server's
    database, and in the case's folder as times.json for its report. Without DIR: those of every case, also
    of cases whose folder is gone.
    """
    start_server()
    found = _taken(folder) if folder is not None else _kept()
    if as_json:
        say_json({name: each.as_json() for name, each in found})
        return
    from ashiato.exports.told_times import tell_times

    words = words_in(lang or language_of_machine())
    for name, each in found:
        say(
            words.say(
                "times.of",
                case=clean(name),
                run=each.run,
                taken_at=each.taken_at.isoformat(timespec="seconds"),
            )
        )
        for line in tell_times(each, words):
            say(f"  {clean(line)}")
    if not found:
        say(words.say("times.none"))


def _taken(folder: Path) -> list[tuple[str, Times]]:
    from ashiato.engine.api import open_case
    from ashiato.rooms.cases.api import open_casefile
    from ashiato.rooms.ending.api import take_times

    now = moment_of(now_us(), UTC)
    file = open_casefile(open_case(folder, now_us).folder, now)
    return [(file.name, take_times(file, now))]


def _kept() -> list[tuple[str, Times]]:
    from ashiato.rooms.ending.api import list_times

    return list_times()
