"""``ashiato public``: the public pages: approved and exported here; loaded and served where people ask."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ashiato.cli.errors import Verbs
from ashiato.cli.letters_brought import bring_letters
from ashiato.cli.options import CaseFolder, Lang
from ashiato.cli.proven import By, TokenFile, proven_staff
from ashiato.cli.screen import clean, say
from ashiato.cli.started import campaign_of
from ashiato.cli.surroundings import language_of_machine, now_us
from ashiato.exports.words import Language, words_in

if TYPE_CHECKING:
    pass

app = typer.Typer(
    cls=Verbs, no_args_is_help=True, help="The public pages, a process apart.", rich_markup_mode=None
)
Statement = Annotated[
    Path, typer.Option("--statement", metavar="FILE", help="What the pages say to everybody.")
]
Home = Annotated[Path, typer.Option("--home", metavar="DIR", help="The folder of the public pages.")]


def _tell(lang: Language | None, key: str, **params: object) -> None:
    words = words_in(lang or language_of_machine())
    shown = {
        name: words.number(value) if isinstance(value, int) else clean(value)
        for name, value in params.items()
    }
    say(words.say(f"public.{key}", **shown))


@app.command(epilog="\b\nExample:\n  ashiato public keys incident-07 --to public.key")
def keys(
    folder: CaseFolder,
    *,
    to: Annotated[Path, typer.Option(metavar="FILE", help="A new file, its owner's alone.")],
    lang: Lang = None,
) -> None:
    """Write the keys that the public process needs; carry them over once, by hand."""
    campaign = campaign_of(folder)
    from ashiato.rooms.private_files import write_private
    from ashiato.rooms.publishing import api

    if to.exists():
        raise typer.BadParameter(f"{to} is there already")
    write_private(to, api.console_keys(campaign.case).public.written())
    _tell(lang, "keys", file=to)


@app.command(epilog="\b\nExample:\n  ashiato public approve incident-07 --statement public.yaml --by aoi")
def approve(
    folder: CaseFolder, *, statement: Statement, by: By, token_file: TokenFile = None, lang: Lang = None
) -> None:
    """Approve what the pages say to everybody; two different persons do."""
    campaign = campaign_of(folder)
    from ashiato.rooms.notifying.api import MachineClock
    from ashiato.rooms.publishing import api

    said = api.read_statement(statement, api.sites_of(campaign))
    count = api.approve_statement(campaign, said, proven_staff(by, token_file), MachineClock().now())
    _tell(lang, "approved", count=count)


@app.command(
    epilog="\b\n"
    "Example:\n"
    "  ashiato public export incident-07 --statement public.yaml --to edition-1.bundle --by aoi"
)
def export(
    folder: CaseFolder,
    *,
    statement: Statement,
    to: Annotated[Path, typer.Option(metavar="FILE", help="The bundle; written whole or not at all.")],
    by: By,
    token_file: TokenFile = None,
    lang: Lang = None,
) -> None:
    """Write the next bundle: the statement, every code, each person's record that their code alone opens."""
    campaign = campaign_of(folder)
    from ashiato.rooms.notifying.api import MachineClock
    from ashiato.rooms.publishing import api

    said = api.read_statement(statement, api.sites_of(campaign))
    made = api.export_bundle(campaign, said, to, by=proven_staff(by, token_file), at=MachineClock().now())
    _tell(lang, "exported", number=made.number, codes=made.codes, records=made.records, file=to)


@app.command(epilog="\b\nExample:\n  ashiato public load edition-1.bundle --home /srv/public")
def load(
    bundle: Annotated[Path, typer.Argument(help="A bundle of our console.", exists=True, dir_okay=False)],
    *,
    home: Home,
    lang: Lang = None,
) -> None:
    """Make a bundle what the pages say: judged whole first, then at one stroke."""
    from ashiato.public.starting import start

    start(home)
    from ashiato.public.loading import load_bundle

    edition = load_bundle(bundle)
    _tell(lang, "loaded", number=edition.number, day=edition.day)


@app.command(epilog="\b\nExample:\n  ashiato public serve --home /srv/public")
def serve(*, home: Home) -> None:
    """Serve the pages, behind a server of yours that speaks https, until told to stop."""
    from ashiato.public.starting import start

    start(home)
    from ashiato.public.serving import serve as run

    run()


@app.command(epilog="\b\nExample:\n  ashiato public hand-over --home /srv/public --to letters-1.sealed")
def hand_over(
    *,
    home: Home,
    to: Annotated[Path, typer.Option(metavar="FILE", help="A new file; only the console can read it.")],
    lang: Lang = None,
) -> None:
    """Write what people sent into a file for the console; it stays here until a bundle says it was taken."""
    from ashiato.public.starting import start

    if to.exists():
        raise typer.BadParameter(f"{to} is there already")
    start(home)
    from ashiato.public.handing_over import hand_over as write

    _tell(lang, "handed_over", count=write(to), file=to)


@app.command(epilog="\b\nExample:\n  ashiato public fetch incident-07 letters-1.sealed")
def fetch(
    folder: CaseFolder,
    file: Annotated[Path, typer.Argument(help="A file of sealed letters.", exists=True, dir_okay=False)],
    lang: Lang = None,
) -> None:
    """Take in what people sent from the public pages: each letter once, however often the file comes.

    What somebody has to answer stands in the desk's list at once, if the desk is open.
    """
    campaign = campaign_of(folder)
    from ashiato.rooms.notifying.api import MachineClock
    from ashiato.rooms.publishing import api

    now = MachineClock().now()
    taken = api.take_letters(campaign, file.read_bytes(), now)
    words = words_in(lang or language_of_machine())
    _tell(lang, "fetched", count=taken.total())
    for kind, count in sorted(taken.items()):
        _tell(lang, "fetched_kind", kind=words.code("public_letters", kind), count=count)
    bring_letters(campaign, now, words)


@app.command(epilog="\b\nExample:\n  ashiato public answer incident-07")
def answer(folder: CaseFolder, *, lang: Lang = None) -> None:
    """Send the answer to every mail address that was asked about and is in scope: once, and only there."""
    campaign = campaign_of(folder)
    from ashiato.engine.api import open_case
    from ashiato.web.answers import answer_checks

    counted = answer_checks(campaign, open_case(folder, now_us).zone)
    words = words_in(lang or language_of_machine())
    for state, count in sorted(counted.items()):
        _tell(lang, "answered", state=words.code("public_answers", state), count=count)
