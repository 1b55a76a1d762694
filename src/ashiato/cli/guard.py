"""``ashiato guard``: follow logs while they are written, and tell when somebody sees too many people."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ashiato.cli.errors import Verbs
from ashiato.cli.options import AsJson
from ashiato.cli.screen import clean, note, say, say_json, say_table
from ashiato.cli.surroundings import now_us
from ashiato.terms.alarms import Alarm
from ashiato.terms.times import iso_of

if TYPE_CHECKING:
    from ashiato.guard.running import Guard
    from ashiato.web.guarding import ServerLink

app = typer.Typer(
    cls=Verbs, help="See it while it happens: follow logs, count people, raise alarms.", no_args_is_help=True
)
GuardFolder = Annotated[
    Path, typer.Argument(metavar="DIR", help="The guard's folder, with guard.yaml in it.")
]


@app.callback()
def guard() -> None:
    """See it while it happens: follow logs, count people, raise alarms."""


@app.command(
    epilog="\b\nExamples:\n  ashiato guard run /var/lib/ashiato-guard\n"
    "  ASHIATO_HOME=/srv/ashiato ashiato guard run /var/lib/ashiato-guard --server"
)
def run(
    folder: GuardFolder,
    *,
    metrics: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write figures for Prometheus here (node_exporter's textfile)."),
    ] = None,
    server: Annotated[
        bool,
        typer.Option(
            "--server",
            help="Hand alarms to the server of ASHIATO_HOME: it tells staff, and stops whom it may.",
        ),
    ] = False,
) -> None:
    """Follow the sources of guard.yaml until stopped (Ctrl-C, SIGTERM).

    Each alarm is one line on standard error: when, which rule, who, how many people at least, and the lines.
    Killed at any moment, the next run goes on where the last batch was kept; no alarm is told for a second
    time, unless the kill fell between its telling and the note of it.
    """
    from ashiato.guard.lasting import follow
    from ashiato.guard.running import Handing
    from ashiato.guard.settings import load_settings
    from ashiato.guard.state import Held

    settings = load_settings(folder)
    link = _link(folder) if server else None
    with closing(Held(folder)), _stopping() as stopped:
        handing = Handing(partial(_tell, link), partial(_answer, link) if link is not None else None)
        follow(settings, handing, stopped, partial(_beat, link), metrics)
        if link is not None:
            link.stop()


@app.command(epilog="\b\nExample:\n  ashiato guard receive /var/lib/ashiato-guard")
def receive(folder: GuardFolder) -> None:
    """Take lines in over the network (syslog, HTTP) until stopped, as `receivers` of guard.yaml say.

    Runs beside `guard run`, which follows what this writes. A line is on the disk before its sender hears so.
    """
    from ashiato.guard.receiving.serving import serve
    from ashiato.guard.settings import load_settings
    from ashiato.guard.state import Held

    settings = load_settings(folder)
    with closing(Held(folder, "receive.lock")):
        serve(settings.folder, settings.receivers, settings.zone, lambda: note("The receivers listen."))


def _link(folder: Path) -> ServerLink:
    """Return the way to the server; the guard is known there by this machine and its folder."""
    from ashiato.cli.started import start_server

    start_server()
    from ashiato.web.containing import means_if_any
    from ashiato.web.guarding import ServerLink

    return ServerLink(f"{socket.gethostname()[:30]}:{folder.resolve().name[:30]}", means=means_if_any())


def _beat(link: ServerLink | None, at_work: Guard) -> None:
    if link is not None:
        link.beat(_newest(at_work))


def _newest(at_work: Guard) -> dict[str, int | None]:
    """Return the time of each log's newest line, None where none came yet."""
    return {path: seen.last_us or None for path, seen in at_work.seen().items()}


@app.command(epilog="\b\nExample:\n  ashiato guard status /var/lib/ashiato-guard --json")
def status(folder: GuardFolder, *, as_json: AsJson = False) -> None:
    """Say what is followed, how far behind, and the newest alarms."""
    from ashiato.guard.receiving.serving import read_counts
    from ashiato.guard.settings import load_settings
    from ashiato.guard.state import State
    from ashiato.guard.status import status_of

    load_settings(folder)
    with State.of_former_run(folder) as state:
        told = status_of(state, now_us()) | {"receivers": read_counts(folder)}
    if as_json:
        say_json(told)
        return
    _say_status(told)


@app.command(epilog="\b\nExample:\n  ashiato guard budgets /var/lib/ashiato-guard")
def budgets(folder: GuardFolder, *, as_json: AsJson = False) -> None:
    """Say how many people each role may see, as declared and learned, and who is nearest to it."""
    from ashiato.guard.settings import load_settings
    from ashiato.guard.state import State
    from ashiato.guard.status import budgets_of

    settings = load_settings(folder)
    with State.of_former_run(folder) as state:
        told = budgets_of(settings, state, now_us())
    if as_json:
        say_json(told)
        return
    _say_budgets(told)


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """Set the event at SIGTERM and Ctrl-C, so that a batch at hand is kept before the end."""
    stopped = threading.Event()

    def stop(_number: int, _frame: object) -> None:
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stopped
    finally:
        for number, former in before.items():
            signal.signal(number, former)


def _tell(link: ServerLink | None, alarm: Alarm) -> None:
    from ashiato.guard.running import NotTakenError

    if link is not None and not link.take(alarm):
        raise NotTakenError
    note(_line_of(alarm))


def _answer(link: ServerLink, alarm: Alarm) -> None:
    from ashiato.guard.running import NotTakenError

    if not link.answer(alarm):
        raise NotTakenError


def _line_of(alarm: Alarm) -> str:
    """An alarm on one line, as it goes to a log."""
    who = ", ".join(f"{actor.kind} {actor.value}" for actor in alarm.actors) or "-"
    expected = "" if alarm.people_expected is None else f" (within bounds: {alarm.people_expected})"
    people = f"{alarm.people} people at least in {alarm.window_s} s{expected}" if alarm.people else "-"
    place = alarm.lines[-1] if alarm.lines else "-"
    return clean(f"{place}: {alarm.rule}: {iso_of(alarm.last_us, UTC)}: {who}: {people}")


def _say_status(told: dict[str, Any]) -> None:
    say("The guard is running." if told["running"] else "The guard is NOT running.")
    for log in told["logs"]:
        say(f"\n{clean(log['log'])}")
        say(
            f"  {log['source_format'] or 'format unknown'}: {log['lines']} lines, {log['unread']} not read;"
            f" last at {iso_of(log['last_us'], UTC) if log['last_us'] else '-'};"
            f" behind {log['lag_s']} s, {log['waiting_bytes']} bytes"
        )
        odd = {"gaps": "gaps", "long_lines": "lines too long", "odd_times": "times not believed"}
        for name, words in odd.items():
            if log[name]:
                say(f"  {log[name]} {words}")
    for name, counts in told["receivers"].items():
        say(f"\nreceiver {name}: " + ", ".join(f"{number} {what}" for what, number in counts.items()))
    unmapped = told["unmapped"]
    say(
        f"\n{unmapped['replies']} replies ({unmapped['bytes']} bytes) of routes that are not in the data map."
    )
    say(f"{told['alarms']} alarms.")
    for alarm in told["newest_alarms"]:
        who = ", ".join(f"{actor['kind']} {actor['value']}" for actor in alarm["actors"][:3])
        say(clean(f"  {iso_of(alarm['last_us'], UTC)} {alarm['rule']}: {who}: at least {alarm['people']}"))


def _say_budgets(told: dict[str, Any]) -> None:
    head = ("role", "actor", "per", "floor", "ceiling", "learned", "now")
    rows = [
        (
            row["role"] or "anyone",
            row["spender"],
            row["window"],
            str(row["floor"]),
            str(row["ceiling"]),
            str(row["learned"] or "-"),
            str(row["limit"]),
        )
        for row in told["budgets"]
    ]
    say_table([head, *rows], numbers=(3, 4, 5, 6))
    say("\nNearest to their budget:")
    near = [
        (
            row["role"] or "anyone",
            row["kind"],
            row["value"] or "everyone",
            f"{row['spent']} of {row['limit']}",
            row["window"],
        )
        for row in told["nearest"]
    ]
    say_table(near)
