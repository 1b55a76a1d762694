"""The verbs of ``python -m range``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from range.client import now
from range.honest.hours import ZONE, Hours
from range.honest.retiming import write_retimed
from range.honest.traffic import Traffic
from range.intruders.attack import Attack
from range.intruders.catalogue import INTRUDERS
from range.keeper import Wanted, keep
from range.loopback import check_loopback
from range.place import find_place, read_state
from range.running import start as start_range
from range.running import stop as stop_range
from range.sites import SITES
from range.truth import FOLDER, people_by_time, written

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="The exercise range: weak, on loopback alone."
)

Folder = Annotated[Path, typer.Argument(help="The range's own folder; it is made.")]
SiteName = Literal["insurer", "agency"]
Site = Annotated[SiteName, typer.Option(help="Which of the two.")]


@app.command()
def start(
    folder: Folder,
    *,
    people: Annotated[int, typer.Option(min=100, help="How many people each site has.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same people.")] = 1,
    only: Annotated[SiteName | None, typer.Option(help="Start one site alone.")] = None,
    address: Annotated[str, typer.Option(help="Where to listen; loopback or it is refused.")] = "127.0.0.1",
    stay: Annotated[bool, typer.Option(help="Stay in the foreground; Ctrl-C ends everything.")] = False,
) -> None:
    """Start the range and say where it is."""
    sites = (only,) if only else tuple(SITES)
    wanted = Wanted(folder.resolve(), people, seed, sites, check_loopback(address))
    if stay:
        keep(wanted)
        return
    typer.echo(start_range(wanted))


@app.command()
def stop(folder: Folder) -> None:
    """End the range in a folder: every process of it."""
    typer.echo("ended" if stop_range(folder.resolve()) else "nothing ran")


@app.command()
def status(folder: Folder) -> None:
    """Say where the sites of a running range are."""
    for name, site in read_state(folder.resolve())["sites"].items():
        typer.echo(f"{name}  {site['url']}  {site['folder']}")


@app.command()
def honest(  # noqa: PLR0913 - each is an option
    folder: Folder,
    site: Site = "insurer",
    *,
    seconds: Annotated[float, typer.Option(help="How long, by the clock.")] = 60,
    visits: Annotated[float, typer.Option(min=0.01, help="Visits a minute, in the busiest hour.")] = 60,
    staff: Annotated[int, typer.Option(min=0, max=40, help="Staff at work.")] = 5,
    pace: Annotated[float, typer.Option(min=0.01, help="How many times faster than the clock.")] = 1,
    since: Annotated[datetime | None, typer.Option(help="When it begins, by Japan's clock; now.")] = None,
    seed: int = 1,
) -> None:
    """Play honest traffic."""
    place = find_place(folder.resolve(), site)
    path = _truth_file(folder, "honest")
    begins = since.replace(tzinfo=ZONE) if since else now()
    options = {"seconds": seconds, "visits": visits, "staff": staff, "seed": seed, "pace": pace}
    with written(
        path, site, place.site.people.key, intruder=None, options={**options, "since": begins.isoformat()}
    ) as truth:
        Traffic(place, truth, seconds, visits, staff, Hours(begins, pace), seed).run()
    typer.echo(path)


@app.command()
def retime(
    truth: Annotated[Path, typer.Argument(help="The truth file of honest traffic.")],
    out: Annotated[Path, typer.Argument(help="A new folder.")],
) -> None:
    """Write the logs of a run that went faster than the clock anew, with the times of the run."""
    for path in write_retimed(truth.resolve(), out):
        typer.echo(path)


@app.command()
def intrude(  # noqa: PLR0913 - each is an option
    folder: Folder,
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(INTRUDERS)}.")],
    site: Site = "insurer",
    *,
    rate: Annotated[float | None, typer.Option(min=0.01, help="Requests a second, all together.")] = None,
    addresses: Annotated[int | None, typer.Option(min=1, help="From so many addresses.")] = None,
    sessions: Annotated[int | None, typer.Option(min=1, help="With so many sessions.")] = None,
    requests: Annotated[int | None, typer.Option(min=1, help="Requests at most.")] = None,
    order: Annotated[Literal["sequential", "random"] | None, typer.Option(help="Of people.")] = None,
) -> None:
    """Let one intruder loose, and write down what it received."""
    if name not in INTRUDERS:
        message = f"no intruder {name}; one of: {', '.join(INTRUDERS)}"
        raise typer.BadParameter(message)
    place = find_place(folder.resolve(), site)
    path = _truth_file(folder, name)
    told = {"rate": rate, "addresses": addresses, "sessions": sessions, "requests": requests, "order": order}
    options = {**INTRUDERS[name].usual, **{each: value for each, value in told.items() if value is not None}}
    with written(path, site, place.site.people.key, intruder=name, options=options) as truth:
        INTRUDERS[name].run(Attack(place, truth, **options))
    typer.echo(f"{path}: {len(people_by_time(path))} people")


def _truth_file(folder: Path, name: str) -> Path:
    return folder.resolve() / FOLDER / f"{name}-{now():%Y%m%dT%H%M%S.%f}.jsonl"
