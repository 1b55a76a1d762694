"""``ashiato backup`` and ``ashiato restore``: everything a server holds, sealed into one file and back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ashiato.cli.errors import Verbs
from ashiato.cli.options import Lang
from ashiato.cli.screen import clean, say
from ashiato.cli.started import start_server
from ashiato.cli.surroundings import language_of_machine, now_us
from ashiato.exports.words import words_in
from ashiato.terms.times import moment_of

if TYPE_CHECKING:
    from ashiato.web.backups.manifest import Manifest
    from ashiato.web.backups.taking import Taken

app = typer.Typer(
    cls=Verbs, no_args_is_help=True, help="Keep everything a server holds.", rich_markup_mode=None
)


def _tell(lang: Lang, key: str, **said: object) -> None:
    shown = {name: f"{value:,}" if isinstance(value, int) else clean(value) for name, value in said.items()}
    say(words_in(lang or language_of_machine()).say(f"backup.{key}", **shown))


@app.command(epilog="\b\nExample:\n  ashiato backup key --to backup.key")
def key(
    *,
    to: Annotated[Path, typer.Option(metavar="FILE", help="A new file, its owner's alone.")],
    lang: Lang = None,
) -> None:
    """Make the key that opens backups, and print its recipient, to which they are sealed.

    Carry the file away from the server and keep two copies: without it no backup opens. It is a key of age.
    """
    from ashiato.web.backups.archives import make_key

    if to.exists():
        raise typer.BadParameter(f"{to} is there already")
    recipient = make_key(to)
    _tell(lang, "key", file=to)
    say(recipient)


@app.command(
    epilog="\b\nExamples:\n"
    "  ashiato backup make --to /backup/2026-11-23.age --for age1...\n"
    "  ashiato backup make --to /backup/public-2026-11-23.age --for age1... --public /srv/public"
)
def make(
    *,
    to: Annotated[Path, typer.Option(metavar="FILE", help="The archive; written whole or not at all.")],
    recipient: Annotated[str, typer.Option("--for", metavar="RECIPIENT", help="What `backup key` printed.")],
    public: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The folder of public pages, instead of the console's.")
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="CASE", help="A case whose folder was destroyed on purpose; may be repeated."),
    ] = None,
    lang: Lang = None,
) -> None:
    """Write a sealed archive: database, cases, keys, configuration; others may work meanwhile.

    Keep the printed SHA-256 apart from the archive: `restore --sha256` then takes no other one.
    """
    taken = _of_public(public, to, recipient) if public else _of_server(to, recipient, without or ())
    files, rows = len(taken.manifest.files), sum(taken.manifest.database.rows.values())
    _tell(lang, "made", file=to, size=taken.size, files=files, rows=rows, cases=len(taken.manifest.cases))
    _tell(lang, "sha256", digest=taken.sha256)
    _tell_elsewhere(lang, taken.manifest)


def _tell_elsewhere(lang: Lang, manifest: Manifest) -> None:
    for file in manifest.elsewhere:
        _tell(lang, "elsewhere", file=file)


def _of_server(to: Path, recipient: str, without: Collection[str]) -> Taken:
    start_server()
    from ashiato.web.backups.server import back_up_server

    return back_up_server(to, recipient, moment_of(now_us(), UTC), without)


def _of_public(home: Path, to: Path, recipient: str) -> Taken:
    from ashiato.public.configuration import read_public
    from ashiato.web.backups.taking import Holding, take_backup

    said = read_public(home)
    database = said.database.database
    named = (said.leaked_passwords, database.password_file if database else None)
    held = Holding("public", said.database, named=tuple(file for file in named if file is not None))
    return take_backup(held, to, recipient, moment_of(now_us(), UTC))


def restore(
    archive: Annotated[
        Path, typer.Argument(metavar="FILE", help="The archive.", exists=True, dir_okay=False)
    ],
    *,
    key: Annotated[Path, typer.Option(metavar="FILE", help="The key it was sealed to.")],
    home: Annotated[Path, typer.Option(metavar="DIR", help="The data folder to make; nothing is in it yet.")],
    cases: Annotated[
        Path | None, typer.Option(metavar="DIR", help="A folder for all cases; else each where it stood.")
    ] = None,
    sha256: Annotated[str, typer.Option(metavar="HEX", help="Take no other archive than this one.")] = "",
    lang: Lang = None,
) -> None:
    """Bring a backup back into an empty place: all is checked first, and nothing is put anywhere before.

    Every file is held against its hash, every ledger against its chain and its head. Staff sign in anew, and
    every campaign is held. Cases go where they stood only with --sha256: the archive says where that is.
    To name another database, put a server.yaml (public.yaml) into the folder first: it stays.
    """
    from ashiato.public.configuration import read_public
    from ashiato.web.backups.restoring import Destination
    from ashiato.web.backups.restoring import restore as bring_back
    from ashiato.web.configuration import read_configuration

    readers = {"server": read_configuration, "public": lambda folder: read_public(folder).database}
    manifest = bring_back(archive, key, Destination(home, readers, cases), sha256)
    files, rows = len(manifest.files), sum(manifest.database.rows.values())
    _tell(lang, "restored", home=home, made_at=manifest.made_at, files=files, rows=rows)
    _tell_elsewhere(lang, manifest)
