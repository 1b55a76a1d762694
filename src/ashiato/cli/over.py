"""``ashiato over``: what the intruder still could use, checked off with proof; and whether it is over."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ashiato.cli.options import AsJson, CaseFolder, Lang
from ashiato.cli.proven import TokenFile, proven_staff
from ashiato.cli.screen import clean, say, say_json, say_table
from ashiato.cli.started import start_server
from ashiato.cli.surroundings import language_of_machine, now_us
from ashiato.exports.words import Words, words_in
from ashiato.terms.times import iso_of, moment_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from ashiato.rooms.watching.api import Point, Standing


def over(  # noqa: PLR0913 - the verb's options
    folder: CaseFolder,
    *,
    close: Annotated[str, typer.Option(metavar="KEY", help="What is closed, by its key in the list.")] = "",
    proof: Annotated[str, typer.Option(metavar="TEXT", help="What was done, who tried it.")] = "",
    closed_at: Annotated[
        datetime | None,
        typer.Option(metavar="TIME", help="Since when, in the case's zone; now unless given."),
    ] = None,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who of staff says so.")] = "",
    token_file: TokenFile = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Say whether it is over: what the newest run shows the intruder could still use, and what is closed.

    Each is checked off with --close, --proof and --by. Not all checked, later evidence unread, or evidence
    that ends before the last was closed: not shown to be over (exit code 10).
    """
    start_server()
    from ashiato.engine.api import open_case, open_outcome
    from ashiato.rooms.cases.api import open_casefile
    from ashiato.rooms.ending.api import standing_of
    from ashiato.rooms.watching.api import Proof, close_foothold, list_footholds

    case, now = open_case(folder, now_us), moment_of(now_us(), UTC)
    file = open_casefile(Path(folder), now)
    with open_outcome(case) as outcome:
        shown = list_footholds(outcome)
    if close:
        moment = closed_at.replace(tzinfo=case.zone) if closed_at else now
        close_foothold(file, shown, close, Proof(moment, proof, proven_staff(by, token_file)), now)
    standing = standing_of(file, shown)
    if as_json:
        say_json(_as_json(standing, case.zone))
    else:
        _say(standing, case.zone, words_in(lang or language_of_machine()))
    if standing.lacking:
        raise typer.Exit(10)


def _say(standing: Standing, zone: ZoneInfo, words: Words) -> None:
    head = [words.say(f"over.{name}") for name in ("key", "kind", "system", "what", "last", "closed")]
    say_table([head, *(_row(each, zone, words) for each in standing.points)])
    last = standing.last
    if standing.lacking is None and last is not None:
        at = last.closed_at.astimezone(zone).isoformat(timespec="seconds")
        is_held = last.plan != ""
        say(
            words.say(
                "over.yes_by_plan" if is_held else "over.yes", at=at, name=clean(last.who), plan=last.plan
            )
        )
        return
    until = "-" if standing.evidence_until_us is None else iso_of(standing.evidence_until_us, zone)
    counts = {"left": len(standing.left), "all": len(standing.points)}
    say(words.say(f"over.why.{standing.lacking}", until=until, **counts))


def _row(point: Point, zone: ZoneInfo, words: Words) -> list[str]:
    each, closing = point.foothold, point.closing
    named = words.title("", each.shown) if each.kind == "way-in" else each.shown
    told = [each.key, each.kind.value, clean(each.system), clean(named), iso_of(each.last_us, zone)]
    if point.is_used_again or closing is None:
        return [*told, words.say("over.used_again" if closing else "over.open")]
    since = closing.closed_at.astimezone(zone).isoformat(timespec="seconds")
    return [*told, f"{since} {words.say('over.by_plan', plan=closing.plan)}" if closing.plan else since]


def _as_json(standing: Standing, zone: ZoneInfo) -> dict[str, object]:
    ends = standing.last.closed_at.astimezone(zone).isoformat() if standing.last else None
    return {
        "is_over": standing.lacking is None,
        "lacking": standing.lacking,
        "window_ends_at": ends if standing.lacking is None else None,
        "points": [
            {
                "key": each.foothold.key,
                "kind": each.foothold.kind,
                "system": each.foothold.system,
                "value": each.foothold.shown,
                "last_used_at": iso_of(each.foothold.last_us, zone),
                "is_closed": each.is_closed,
                "is_used_again": each.is_used_again,
                "held_by_plan": each.closing.plan or None if each.closing else None,
            }
            for each in standing.points
        ],
    }
