"""``ashiato pin`` and ``ashiato unpin``: an analyst's word on lines of the evidence."""

from __future__ import annotations

from typing import Annotated

import typer

from ashiato.cli.options import AsJson, CaseFolder
from ashiato.cli.screen import clean, say, say_json
from ashiato.cli.surroundings import name_of_user, now_us

_Places = Annotated[
    list[str],
    typer.Argument(metavar="FILE:LINE...", help="As intrusion.csv cites them; FILE:FIRST-LAST for several."),
]
_Because = Annotated[str, typer.Option(metavar="TEXT", help="Why; it stands in the answer and the ledger.")]
_By = Annotated[
    str | None, typer.Option(metavar="NAME", help="Who says so; the machine's user unless given.")
]


def pin(
    folder: CaseFolder,
    places: _Places,
    because: _Because,
    by: _By = None,
    *,
    not_intruder: Annotated[
        bool, typer.Option("--not-intruder", help="They are not the intruder's; leave them out.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say that lines are the intruder's, or are not; the next `ashiato investigate` follows.

    What the lines tell of is hostile by your word, and so is the visit it belongs to. With --not-intruder
    it is left out of the intrusion; what it would have reached is listed in summary and report with your
    reason.
    """
    from ashiato.engine.api import HONEST, HOSTILE, open_case, pin_lines

    case = open_case(folder, now_us)
    verdict = HONEST if not_intruder else HOSTILE
    told = {place: pin_lines(case, place, verdict, because, by or name_of_user()) for place in places}
    if as_json:
        say_json({"verdict": verdict, "events": told})
        return
    for place, events in told.items():
        say(f"{clean(place)}: {verdict}, events: {events}")
    say(f"ashiato investigate {clean(case.folder)}")


def unpin(
    folder: CaseFolder, places: _Places, because: _Because, by: _By = None, as_json: AsJson = False
) -> None:
    """Take back what was said of lines; the ledger keeps both."""
    from ashiato.engine.api import open_case, take_back

    case = open_case(folder, now_us)
    for place in places:
        take_back(case, place, because, by or name_of_user())
    if as_json:
        say_json({"taken_back": list(places)})
        return
    for place in places:
        say(f"{clean(place)}: -")
