"""``ashiato staff``: who works with the server, and what they are in which case."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Annotated

import typer

from ashiato.cli.errors import Verbs
from ashiato.cli.options import CaseFolder, Lang
from ashiato.cli.screen import clean, say
from ashiato.cli.started import start_server
from ashiato.cli.surroundings import language_of_machine, now_us
from ashiato.exports.words import Words, words_in
from ashiato.terms.times import moment_of

if TYPE_CHECKING:
    from ashiato.rooms.accounts.api import Staff

app = typer.Typer(
    cls=Verbs, no_args_is_help=True, help="Say who works with the server, and as what.", rich_markup_mode=None
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Sign-in name.")]
RoleName = Annotated[
    str,
    typer.Argument(metavar="ROLE", help="lead, analyst, privacy, communications, desk, auditor or client."),
]


def _words(lang: Lang) -> Words:
    return words_in(lang or language_of_machine())


@app.command(epilog="\b\nExample:\n  ashiato staff add aoi --full-name '青木 葵'")
def add(
    name: Name,
    *,
    full_name: Annotated[str, typer.Option(metavar="TEXT", help="How they are called.")] = "",
    lang: Lang = None,
) -> None:
    """Let somebody work here, and print the link with which they set their password once, within two days."""
    start_server()
    from ashiato.rooms.accounts.api import add_staff

    _say_link(add_staff(name, full_name=full_name), _words(lang))


@app.command(epilog="\b\nExamples:\n  ashiato staff link aoi\n  ashiato staff link aoi --lost")
def link(
    name: Name,
    *,
    lost: Annotated[
        bool, typer.Option("--lost", help="Their second factor is lost: forget it, and end their sessions.")
    ] = False,
    lang: Lang = None,
) -> None:
    """Print a new link to set a password; the old password stays until it is used."""
    start_server()
    from ashiato.rooms.accounts.api import get_staff
    from ashiato.web.links import forget_factors

    staff = get_staff(name)
    if lost:
        forget_factors(staff, moment_of(now_us(), UTC))
    _say_link(staff, _words(lang))


def _say_link(staff: Staff, words: Words) -> None:
    from ashiato.web.links import password_link

    say(words.say("staff.link", name=clean(staff.name)))
    say(password_link(staff))


@app.command(epilog="\b\nExample:\n  ashiato staff role incident-07 aoi lead")
def role(
    folder: CaseFolder,
    name: Name,
    role_name: RoleName,
    *,
    take: Annotated[bool, typer.Option("--take", help="Take the role back.")] = False,
    lang: Lang = None,
) -> None:
    """Give somebody a role in a case, or take it back; the console shows the cases one has a role in."""
    start_server()
    from ashiato.engine.api import open_case
    from ashiato.rooms.accounts.api import get_staff
    from ashiato.rooms.cases.api import give_role, open_casefile, role_named, take_role

    now = moment_of(now_us(), UTC)
    open_case(folder, now_us)
    case, staff, wanted = open_casefile(folder, now), get_staff(name), role_named(role_name)
    changed = (take_role if take else give_role)(case, staff, wanted, now)
    key = ("taken" if take else "given") if changed else "as_it_was"
    say(_words(lang).say(f"staff.{key}", name=clean(name), role=wanted.value, case=case.name))


@app.command(epilog="\b\nExample:\n  ashiato staff sign-out aoi")
def sign_out(name: Name, lang: Lang = None) -> None:
    """End somebody's sessions and tokens wherever they are; they come in again with password and factor."""
    start_server()
    from ashiato.rooms.accounts.api import get_staff
    from ashiato.web.links import end_sessions

    end_sessions(get_staff(name), moment_of(now_us(), UTC))
    say(_words(lang).say("staff.signed_out", name=clean(name)))


@app.command(epilog="\b\nExample:\n  ashiato staff leave aoi")
def leave(name: Name, lang: Lang = None) -> None:
    """Let somebody in no more: their sessions end, their second factors go; the ledger keeps their name."""
    start_server()
    from ashiato.rooms.accounts.api import get_staff
    from ashiato.web.links import shut_out

    shut_out(get_staff(name), moment_of(now_us(), UTC))
    say(_words(lang).say("staff.left", name=clean(name)))
