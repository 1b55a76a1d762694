"""``ashiato retention``: what of each table has to go by now, and letting it go."""

from __future__ import annotations

from typing import Annotated

import typer

from ashiato.cli.options import Lang
from ashiato.cli.proven import By, TokenFile, proven_staff
from ashiato.cli.screen import say
from ashiato.cli.started import start_server
from ashiato.cli.surroundings import language_of_machine
from ashiato.exports.words import Words


def retention(
    *,
    do: Annotated[bool, typer.Option("--do", help="Retire what is due; else only look.")] = False,
    by: By = "",
    token_file: TokenFile = None,
    lang: Lang = None,
) -> None:
    """Say of how many rows of each table the time has come; with --do, let what is personal in them go.

    What goes and what stays of each table: docs/guides/operations.md, and the console's page. Hashes and
    outcomes stay. Each table and case is an entry of the ledger.
    """
    start_server()
    from ashiato.rooms.notifying.api import MachineClock
    from ashiato.web.retention import retire_all, standing_of_tables
    from ashiato.web.words import console_words

    words, now = console_words(lang or language_of_machine()), MachineClock().now()
    standings = [each for each in standing_of_tables(now) if each.due]
    if not standings:
        say(words.say("retention.none_due"))
    elif do:
        for name, count in retire_all(proven_staff(by, token_file), now).items():
            say(words.say("retention.done", title=_title(words, name), count=f"{count:,}"))
    else:
        for each in standings:
            told = {
                "title": _title(words, each.policy.name),
                "due": f"{each.due:,}",
                "rows": f"{each.rows:,}",
            }
            say(words.say("retention.summary", **told))
        say(words.say("retention.do_it"))


def _title(words: Words, name: str) -> str:
    return words.say(f"retention.tables.{name}.title")
