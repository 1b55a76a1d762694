"""``ashiato alarms``: what guards saw, who has it, and whether those who are to be told can be told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from ashiato.cli.errors import Verbs
from ashiato.cli.options import AsJson, Lang
from ashiato.cli.proven import By, TokenFile, proven_staff
from ashiato.cli.screen import clean, note, say, say_json, say_table
from ashiato.cli.started import start_server
from ashiato.cli.surroundings import language_of_machine, now_us
from ashiato.exports.words import Words, words_in
from ashiato.terms.times import moment_of

if TYPE_CHECKING:
    from ashiato.rooms.watching.api import AlarmGroup

app = typer.Typer(
    cls=Verbs, no_args_is_help=True, help="What guards saw, and who was told.", rich_markup_mode=None
)
Number = Annotated[int, typer.Argument(metavar="NUMBER", help="The alarm's number, as it was told.")]
_MOST = 50


def _words(lang: Lang) -> Words:
    return words_in(lang or language_of_machine())


def _now() -> datetime:
    return moment_of(now_us(), UTC)


@app.command("list", epilog="\b\nExamples:\n  ashiato alarms list\n  ashiato alarms list --open --json")
def list_(
    *,
    is_open: Annotated[bool, typer.Option("--open", help="Those that nobody acknowledged alone.")] = False,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Say the newest alarms as they are gathered, the guards that show themselves, and ways that fail."""
    start_server()
    from ashiato.rooms.watching.api import list_failing_ways, list_groups, list_guards, tell_group

    groups, failing, words = list(list_groups(is_open=is_open)[:_MOST]), list_failing_ways(), _words(lang)
    if as_json:
        guards = [{"guard": each.name, "beat_at": each.beat_at.isoformat()} for each in list_guards()]
        ways = [{"way": each.way, "words": each.words, "at": each.at.isoformat()} for each in failing]
        say_json({"alarms": [tell_group(each) for each in groups], "guards": guards, "failing": ways})
        return
    names = ("number", "last", "code", "system", "people", "expected", "alarms", "who")
    head = [words.say(f"alarms.{name}") for name in names]
    say_table([head, *(_row(each, words) for each in groups)], numbers=(0, 4, 5, 6))
    for each in list_guards():
        say(words.say("alarms.guard", name=clean(each.name), at=each.beat_at.isoformat(timespec="seconds")))
    for one in failing:
        said = {"way": clean(one.way), "words": clean(one.words)}
        note(words.say("alarms.failing", **said), style="yellow")


def _row(group: AlarmGroup, words: Words) -> list[str]:
    expected = "" if group.people_expected is None else words.number(group.people_expected)
    told = [str(group.pk), group.last_at.isoformat(timespec="seconds"), group.kind.code]
    told += [clean(group.kind.system), words.number(group.people), expected, words.number(group.alarms)]
    who = clean(group.acknowledged_by.name) if group.acknowledged_by else words.say("alarms.nobody")
    return [*told, who]


@app.command(epilog="\b\nExample:\n  ashiato alarms ack 12 --by aoi")
def ack(number: Number, *, by: By, token_file: TokenFile = None, lang: Lang = None) -> None:
    """Take an alarm on: nobody further is told of it until it grows."""
    start_server()
    from ashiato.rooms.watching.api import acknowledge

    is_new = acknowledge(number, proven_staff(by, token_file), _now())
    say(_words(lang).say("alarms.acknowledged" if is_new else "alarms.known", number=number))


@app.command("note", epilog="\b\nExample:\n  ashiato alarms note 12 'our own load test, ticket 41' --by aoi")
def note_(
    number: Number,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What you saw or did; name nobody.")],
    *,
    by: By,
    token_file: TokenFile = None,
    lang: Lang = None,
) -> None:
    """Write a note on an alarm; it stays in the ledger."""
    start_server()
    from ashiato.rooms.watching.api import write_note

    write_note(number, proven_staff(by, token_file), text, _now())
    say(_words(lang).say("alarms.noted", number=number))


@app.command(epilog="\b\nExample:\n  ashiato alarms trial --by aoi")
def trial(*, by: By, token_file: TokenFile = None, lang: Lang = None) -> None:
    """Send every receiver a trial by every one of their ways, and say which of them took it."""
    start_server()
    from ashiato.web.alarming import try_ways

    words, failed = _words(lang), 0
    for each in try_ways(proven_staff(by, token_file), _now()):
        failed += each.outcome != "handed"
        said = {"receiver": clean(each.receiver), "way": clean(each.way), "words": clean(each.words)}
        say(words.say(f"alarms.trial.{each.outcome}", **said).strip())
    if failed:
        raise typer.Exit(10)
