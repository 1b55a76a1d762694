"""``ashiato serve``: the console, on this machine unless the operator's file says otherwise."""

from __future__ import annotations

from typing import Annotated

import typer

from ashiato.cli.options import Lang
from ashiato.cli.screen import clean, say
from ashiato.cli.surroundings import language_of_machine
from ashiato.exports.words import words_in


def serve(
    *,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Where to listen, on this machine alone.")
    ] = None,
    worker: Annotated[
        bool | None,
        typer.Option(
            "--worker/--no-worker",
            help="Run what staff start, too, or leave it to `ashiato worker`. Usual: with SQLite alone.",
        ),
    ] = None,
    lang: Lang = None,
) -> None:
    """Serve the console to staff until stopped (Ctrl-C). Its address is printed.

    Who may come in, and as what, is said with `ashiato staff`. Configured by server.yaml in the data folder
    (docs/guides/console.md).
    """
    from ashiato.web.starting import bring_up_to_date, has_own_database, start

    start()
    bring_up_to_date()
    from ashiato.web.serving import serve_pages, site_here

    site = site_here(port)
    say(words_in(lang or language_of_machine()).say("serve.address", address=clean(site.origin)))
    serve_pages(site, with_worker=has_own_database() if worker is None else worker)
