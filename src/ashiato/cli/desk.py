"""``ashiato desk``: open a case's help desk, hear its alerts, take out its counts and contacts."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ashiato.cli.errors import Verbs
from ashiato.cli.letters_brought import bring_letters
from ashiato.cli.options import CaseFolder, Lang
from ashiato.cli.proven import By, TokenFile, proven_staff
from ashiato.cli.screen import say
from ashiato.cli.started import campaign_of
from ashiato.cli.surroundings import language_of_machine, now_us
from ashiato.exports.words import Words, words_in

if TYPE_CHECKING:
    from ashiato.rooms.answering.api import Desk

app = typer.Typer(cls=Verbs, no_args_is_help=True, help="The help desk of a case.", rich_markup_mode=None)
Into = Annotated[Path, typer.Option("--to", metavar="FILE", help="The file to write; it must not exist.")]


def _desk(folder: Path) -> Desk:
    campaign = campaign_of(folder)
    from ashiato.rooms.answering.api import get_desk

    return get_desk(campaign)


def _now() -> datetime:
    from ashiato.terms.times import moment_of

    return moment_of(now_us(), UTC)


def _words(lang: Lang) -> Words:
    return words_in(lang or language_of_machine())


def _hour(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter("an hour is written as 09:00") from error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter("a day is written as 2026-12-30") from error


def _write(into: Path, content: bytes, lang: Lang) -> None:
    with into.open("xb") as file:
        file.write(content)
    say(_words(lang).say("desk.written", file=str(into)))


@app.command("open", epilog="\b\nExample:\n  ashiato desk open incident-07 --by aoi --closed 2026-12-30")
def open_(  # noqa: PLR0913 - the verb's options
    folder: CaseFolder,
    *,
    by: By,
    token_file: TokenFile = None,
    opens: Annotated[str, typer.Option(metavar="HH:MM", help="In the case's zone.")] = "09:00",
    closes: Annotated[str, typer.Option(metavar="HH:MM", help="In the case's zone.")] = "18:00",
    country: Annotated[str, typer.Option(metavar="CC", help="Whose holidays it keeps.")] = "JP",
    weekends: Annotated[bool, typer.Option("--weekends", help="Open on Saturdays and Sundays.")] = False,
    closed: Annotated[
        list[str] | None, typer.Option(metavar="DAY", help="A further day it is closed; may be repeated.")
    ] = None,
    lang: Lang = None,
) -> None:
    """Open the desk of a case whose people are planned to be told, or give an open one other hours.

    It begins with standard answers that two persons have to approve before anybody may give them.
    """
    campaign = campaign_of(folder)
    from ashiato.engine.api import open_case
    from ashiato.rooms.answering import api

    hours = api.Hours(
        zone=open_case(folder, now_us).zone,
        opens=_hour(opens),
        closes=_hour(closes),
        country=country.upper(),
        weekdays=frozenset(range(7 if weekends else 5)),
        closed=frozenset(map(_day, closed or [])),
    )
    desk = api.open_desk(campaign, hours, proven_staff(by, token_file), _now())
    say(_words(lang).say("desk.opened", answers=len(api.list_drafts(desk))))
    bring_letters(campaign, _now(), _words(lang))


@app.command(epilog="\b\nExample:\n  ashiato desk alerts incident-07")
def alerts(folder: CaseFolder, *, lang: Lang = None) -> None:
    """Say what is new for whoever leads the desk; in batches, and nothing the second time.

    Letters from the public pages that wait for the desk are brought to it first.
    """
    desk, words = _desk(folder), _words(lang)
    from ashiato.rooms.answering import api

    bring_letters(desk.campaign, _now(), words)
    for each in api.raise_alerts(desk, _now()):
        kind = words.say(f"desk.alerts.{each.kind}")
        say(words.say("desk.alert", kind=kind, queue=each.queue, grade=each.grade, count=each.count))


@app.command(epilog="\b\nExample:\n  ashiato desk counts incident-07 --to counts.csv")
def counts(folder: CaseFolder, *, to: Into, lang: Lang = None) -> None:
    """Write how many contacts there were by reason and way, as CSV: what a report says of the desk."""
    desk = _desk(folder)
    from ashiato.rooms.answering import api

    _write(to, api.write_counts(api.counts_by_reason(desk), _words(lang).language), lang)


@app.command(epilog="\b\nExample:\n  ashiato desk tickets incident-07 --group Desk --to tickets.jsonl")
def tickets(
    folder: CaseFolder,
    *,
    to: Into,
    group: Annotated[str, typer.Option(metavar="NAME", help="Zammad's group they go to.")],
    lang: Lang = None,
) -> None:
    """Write all contacts as Zammad takes them, a line of JSON each, without a word of any caller."""
    desk = _desk(folder)
    from ashiato.rooms.answering import api

    lines = api.zammad_tickets(desk.contacts.order_by("pk"), group, _words(lang).language)
    _write(to, b"".join(lines), lang)
