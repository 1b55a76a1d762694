"""``ashiato case``: make a case."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ashiato.cli.errors import Verbs
from ashiato.cli.options import AsJson
from ashiato.cli.screen import clean, say, say_json
from ashiato.cli.surroundings import now_us, zone_of_machine

app = typer.Typer(
    cls=Verbs, help="Make a case: a folder that holds everything of one break-in.", no_args_is_help=True
)


@app.callback()
def case() -> None:
    """Make a case: a folder that holds everything of one break-in."""


@app.command(
    epilog="\b\nExamples:\n  ashiato case new incident-07 --zone Asia/Tokyo\n"
    "  ashiato case new incident-07 --datamap shop.yaml"
)
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that does not exist or is empty.")],
    datamap: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What you know of the system (datamap.yaml).")
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option(
            metavar="ZONE",
            help="Time zone of answers and of logs that name none; else the map's, else the machine's.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a new case folder.

    A data map is not needed to begin. Without one the run tells what happened, not whose records were
    reached.
    """
    from ashiato.engine.case import create_case

    made = create_case(folder, zone or _zone_of_map(datamap) or zone_of_machine(), now_us, datamap)
    if as_json:
        say_json({"case": str(made.folder), "zone": made.zone.key, "data_map": made.datamap_path.exists()})
        return
    say(f"Made the case {clean(made.folder)}; its zone is {made.zone.key}.")
    say(f"Next: ashiato evidence add {clean(made.folder)} PATH...")


def _zone_of_map(datamap: Path | None) -> str | None:
    """Return the zone a data map names; a map with errors is refused before a case is made of it."""
    if datamap is None:
        return None
    from ashiato.datamap.load import load_datamap

    return load_datamap(datamap).zone
