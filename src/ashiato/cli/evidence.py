"""``ashiato evidence``: seal files and folders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ashiato.cli.errors import Verbs
from ashiato.cli.options import AsJson, CaseFolder
from ashiato.cli.screen import clean, note, say, say_json
from ashiato.cli.surroundings import now_us

if TYPE_CHECKING:
    from ashiato.engine.api import Sealing

app = typer.Typer(cls=Verbs, help="Seal evidence.", no_args_is_help=True)


@app.callback()
def evidence() -> None:
    """Seal evidence."""


@app.command(
    epilog="\b\nExamples:\n  ashiato evidence add incident-07 /var/log/nginx /var/log/postgresql\n"
    "  ashiato evidence add incident-07 logs.tar.zst --source web1 --custodian 'Aoi, CSIRT'\n"
    "  ashiato evidence add incident-07 /mnt/image/logs --reference\n"
    "  ashiato evidence add incident-07 logs.zip --token logs.zip.tsr"
)
def add(  # noqa: PLR0913 - the verb's options
    folder: CaseFolder,
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="Files or folders; gz, bz2, xz, zst, zip, tar as they are."),
    ],
    *,
    source: Annotated[str, typer.Option(help="Where it comes from, in your words.")] = "",
    custodian: Annotated[str, typer.Option(help="Who held it, in your words.")] = "",
    reference: Annotated[
        bool, typer.Option("--reference", help="Leave the originals where they are and only hash them.")
    ] = False,
    token: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A timestamp token (RFC 3161) over what is sealed.")
    ] = None,
    trust: Annotated[
        Path | None, typer.Option(metavar="FILE", help="CA certificates (PEM) the token is checked against.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Seal files and folders: hash them, keep them read-only, write them into the manifest.

    Nothing is unpacked to disk. A file that cannot be read is listed and costs no other.
    """
    from ashiato.cli.progress import telling
    from ashiato.engine.api import Custody, Token, add_evidence, open_case

    case = open_case(folder, now_us)
    custody = Custody(source, custodian, reference)
    stamp = None if token is None else Token(token, trust)
    with telling() as tell:
        sealing = add_evidence(
            case, paths, custody, token=stamp, tell=lambda done, total: tell("sealing", done, total)
        )
    if as_json:
        say_json(_as_json(sealing))
    else:
        _say(sealing)


def _as_json(sealing: Sealing) -> dict[str, object]:
    return {
        "added": list(sealing.added),
        "already": list(sealing.already),
        "skipped": [{"path": skipped.path, "reason": skipped.reason} for skipped in sealing.skipped],
        "broken": [{"path": broken.path, "reason": broken.reason} for broken in sealing.inside],
        "token": None if sealing.token is None else sealing.token.over,
    }


def _say(sealing: Sealing) -> None:
    already = f", {len(sealing.already)} sealed before" if sealing.already else ""
    say(f"Sealed {len(sealing.added)} files{already}.")
    for broken in sealing.inside:
        note(f"  breaks off: {clean(broken.path)}: {clean(broken.reason)}", style="yellow")
    for skipped in sealing.skipped:
        note(f"  not sealed: {clean(skipped.path)}: {clean(skipped.reason)}", style="yellow")
    if sealing.token is not None:
        say(f"The timestamp token stamps {clean(sealing.token.over)}.")
