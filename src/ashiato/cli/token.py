"""``ashiato token``: tokens with which programs act as somebody of staff, at the server's own terminal."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated

import typer

from ashiato.cli.errors import Verbs
from ashiato.cli.options import Lang
from ashiato.cli.proven import TokenFile, proven_staff
from ashiato.cli.screen import clean, say, say_table
from ashiato.cli.started import start_server
from ashiato.cli.surroundings import language_of_machine, now_us
from ashiato.exports.words import words_in
from ashiato.terms.errors import ServerError
from ashiato.terms.times import moment_of

app = typer.Typer(
    cls=Verbs, no_args_is_help=True, help="Tokens with which programs ask the server.", rich_markup_mode=None
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Sign-in name of whose token it is.")]


@app.command(
    epilog="\b\nExample:\n  ashiato token make aoi --for 'nightly counts' --scope see-case --days 30"
)
def make(
    name: Name,
    *,
    label: Annotated[str, typer.Option("--for", metavar="TEXT", help="What it is for.")],
    scope: Annotated[list[str], typer.Option(metavar="SCOPE", help="What it may do; several times.")],
    days: Annotated[int, typer.Option(help="Days until it ends.")] = 30,
    token_file: TokenFile = None,
    lang: Lang = None,
) -> None:
    """Make a token and print it, this once; NAME proves it by their secret of the command line.

    It may do what NAME may in each case, and no more than its scopes: see-case, see-people, unmask,
    see-evidence, see-duties, see-notices, see-ledger, see-alarms, see-plans, pin,
    decide-pairs, run, answer.
    """
    start_server()
    from ashiato.rooms.accounts.api import make_token
    from ashiato.web.api.bearers import SCOPES

    unknown = sorted(set(scope) - set(SCOPES))
    if unknown:
        raise ServerError(f"no scope is called `{unknown[0][:40]}`", fix=f"known are {', '.join(SCOPES)}")
    staff = proven_staff(name, token_file)
    token = make_token(staff, label, scope, days, moment_of(now_us(), UTC))
    say(words_in(lang or language_of_machine()).say("token.made", name=clean(name)))
    say(token)


@app.command("list", epilog="\b\nExample:\n  ashiato token list aoi")
def list_all(name: Name) -> None:
    """List somebody's tokens that still open something: how they begin, what for, scopes, end."""
    start_server()
    from ashiato.rooms.accounts.api import get_staff, list_tokens

    rows = [
        (f"ashiato_{each.prefix}", each.label, ",".join(each.scopes), each.expires_at.isoformat())
        for each in list_tokens(get_staff(name), moment_of(now_us(), UTC))
    ]
    say_table(rows)


@app.command(epilog="\b\nExample:\n  ashiato token end aoi ashiato_3f0c9a1b22de")
def end(
    name: Name,
    token: Annotated[str, typer.Argument(metavar="BEGINNING", help="How it begins, as `list` shows it.")],
    lang: Lang = None,
) -> None:
    """End a token for good; nobody has to prove anything to shut a door."""
    start_server()
    from ashiato.rooms.accounts.api import end_tokens, get_program, get_staff, list_tokens

    now = moment_of(now_us(), UTC)
    prefix = token.removeprefix("ashiato_").partition("_")[0]
    if not end_tokens(list_tokens(get_staff(name), now).filter(prefix=prefix), get_program(), now):
        raise ServerError(f"{name} has no such token", fix=f"ashiato token list {name}")
    say(words_in(lang or language_of_machine()).say("token.ended", prefix=clean(prefix)))
