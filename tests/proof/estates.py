"""An estate: many incidents side by side in one database, its logs, its snapshots and its data map."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from ashiato.engine.api import Case, add_evidence, add_snapshot, create_case
from tests.proof.base import Base, Design, Row, text_of
from tests.proof.dice import Dice
from tests.proof.incidents import INTRUDER, SECOND, TOOL, Execution, Incident, Options, Request
from tests.proof.logs import (
    FORMATS,
    JST,
    PREFIXES,
    TRACED_FORMAT,
    LogSettings,
    access_log,
    database_log,
    moment,
    trace_of,
)
from tests.proof.queries import Plain
from tests.proof.several import ACTIONS
from tests.proof.triggers import schema_of

DAWN_US = int(datetime(2026, 6, 10, 1, tzinfo=JST).timestamp()) * SECOND
#: Incidents of one estate follow each other at this distance.
APART_US = 600 * SECOND
NOW_US = 1_790_000_000_000_000


@dataclass(frozen=True)
class Setting:
    """What an estate has in common.

    ``typed``: where columns' kinds are told (``map`` or ``schema``). ``by_key``: snapshots are sorted by key,
    not by heap. ``trouble``: what the logs suffer from, with the stretch it befell where it is a gap.
    ``guarded``: the database's log is said to cover every way.
    """

    log: LogSettings
    options: Options
    snapshots_us: tuple[int, ...]
    typed: str = "map"
    by_key: bool = True
    trouble: str = ""
    gap_us: tuple[int, int] = (0, 0)
    guarded: bool = False


@dataclass
class Estate:
    """Incidents played, ready to be written down as a case."""

    seed: int
    setting: Setting
    incidents: list[Incident] = field(default_factory=list)


def setting_of(seed: int, count: int, without: frozenset[str] = frozenset()) -> Setting:
    """Choose what the estate of a seed has in common; ``without``: known faults to leave alone."""
    dice = Dice("estate", seed)
    end = DAWN_US + count * APART_US
    snapshots = dice.one_of(
        ((end,), (end,), (end,), (DAWN_US,), (dice.between(DAWN_US, end),), (DAWN_US, end))
    )
    extended = dice.happens(0.4)
    log = LogSettings(
        shape=dice.one_of(FORMATS),
        prefix=dice.one_of(PREFIXES),
        audit=dice.happens(0.7),
    )
    busy = dice.happens(0.3)
    by_key = dice.happens(0.7)
    options = Options(extended=extended, busy=busy, writes=dice.happens(0.8))
    typed = dice.one_of(("map", "schema"))
    trouble = dice.one_of(("", "", "", *(name for name in TROUBLES if name not in without)))
    if not trouble and options.writes and Dice("silence", seed).happens(0.25):
        trouble = SILENT
    begun = dice.between(DAWN_US, end)
    if typed == "schema":
        on_delete = Dice("references", seed).one_of(ACTIONS)
        options = replace(options, on_delete=on_delete, triggers=Dice("triggers", seed).happens(0.4))
    options = replace(options, rekeyed=Dice("rekeyed", seed).happens(0.3))
    made = Setting(log, options, snapshots, typed, by_key, trouble, (begun, begun + end // 4 - DAWN_US // 4))
    return _troubled(made)


#: The database's log lacks writes, as its numbering tells.
SILENT = "silent-writes"
#: What logs suffer from beside that.
TROUBLES = ("binds-unlogged", "text-cut", "skew", "traced", "database-gap", "web-gap")


def _troubled(setting: Setting) -> Setting:
    """Let the trouble befall the logs' settings and the clients."""
    log, options = setting.log, setting.options
    if setting.trouble == "binds-unlogged":
        log, options = replace(log, binds=False), replace(options, extended=True)
    elif setting.trouble == "text-cut":
        log = replace(log, audit=False, cut=90)
    elif setting.trouble == SILENT:
        log, options = replace(log, prefix=PREFIXES[1]), replace(options, posts=True)
    elif setting.trouble == "skew":
        log = replace(log, skew_us=37 * SECOND)
    elif setting.trouble == "traced":
        log, options = replace(log, traced=True), replace(options, busy=True)
    return replace(setting, log=log, options=options)


def play(seed: int, count: int, only: int | None = None, without: frozenset[str] = frozenset()) -> Estate:
    """Play an estate's incidents (or one of them) from its seed."""
    return play_in(setting_of(seed, count, without), seed, count, only)


def play_in(held: Setting, seed: int, count: int, only: int | None = None) -> Estate:
    """Play an estate's incidents in a setting of one's own."""
    estate = Estate(seed, held)
    for number in range(count):
        if only is None or number == only:
            incident = Incident((seed, number), f"_{number}", DAWN_US + number * APART_US, held.options)
            incident.play(held.snapshots_us)
            estate.incidents.append(incident)
    return estate


def write_case(estate: Estate, folder: Path, texts: tuple[str, str] | None = None) -> Case:
    """Write logs, snapshots and data map, and make a case of them; ``texts``: the logs, else as they are."""
    logs = folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    setting = estate.setting
    web, database = texts or texts_of(*everything(estate), setting)
    (logs / "access.log").write_text(web, encoding="utf-8")
    name = {"stderr": "postgresql.log", "csvlog": "postgresql.csv", "jsonlog": "postgresql.json"}
    (logs / name[setting.log.shape]).write_text(database, encoding="utf-8")
    (folder / "map.yaml").write_text(datamap_of(estate), encoding="utf-8")
    case = create_case(folder / "case", "Asia/Tokyo", lambda: NOW_US, folder / "map.yaml")
    for at_us in setting.snapshots_us:
        taken = folder / f"taken{at_us}"
        _write_snapshot(estate, at_us, taken)
        add_snapshot(case, taken, moment(at_us).isoformat(), "estate")
    add_evidence(case, [logs])
    return case


def texts_of(requests: list[Request], executions: list[Execution], setting: Setting) -> tuple[str, str]:
    """Return the web server's and the database's log."""
    return access_log(requests, setting.log), database_log(executions, setting.log)


def everything(estate: Estate) -> tuple[list[Request], list[Execution]]:
    """Return all requests and executions that the logs of an estate still tell of."""
    requests: list[Request] = []
    executions: list[Execution] = []
    for incident in estate.incidents:
        traced = estate.setting.log.traced
        executions += [_traced(run, incident) if traced else run for run in incident.executions]
        requests += incident.requests
        if estate.setting.trouble == SILENT and incident is not estate.incidents[-1]:
            executions[-len(incident.executions) :] = _silenced(incident)
    requests += _scan(estate.incidents[0].start_us)
    begun, ended = estate.setting.gap_us
    if estate.setting.trouble == "database-gap":
        executions = [run for run in executions if not begun <= run.at_us < ended]
    if estate.setting.trouble == "web-gap":
        requests = [request for request in requests if not begun <= request.end_us < ended]
    return requests, executions


def _silenced(incident: Incident) -> list[Execution]:
    """Return what an incident ran, a stretch's writes unlogged: mostly of kinds logged elsewhere.

    Of two that one request ran, both or either, where a request of its kind ran two elsewhere.
    """
    dice = Dice("silenced", incident.suffix, incident.start_us, len(incident.executions))
    begun = incident.start_us + dice.between(0, 120) * SECOND
    ended = begun + dice.between(60, 240) * SECOND
    asked = [incident.requests[run.request] for run in incident.executions]
    logged: dict[tuple[str, ...], set[str]] = {}
    for request, run in zip(asked, incident.executions, strict=True):
        if not begun <= run.at_us < ended:
            logged.setdefault(_kind(request), set()).add(request.target)
    rare, twice = dice.happens(0.04), _run_twice(incident)
    elsewhere = {_kind(incident.requests[n]) for n, at in twice.items() if not begun <= at[0] < ended}

    def lacks(request: Request, run: Execution) -> bool:
        within = begun <= run.at_us < ended and request.method == "POST"
        if run.request in twice:
            last = max(twice[run.request])
            return begun <= last < ended and within and _kind(request) in elsewhere and dice.happens(0.6)
        return within and (rare or len(logged.get(_kind(request), ())) > 1)

    return [
        replace(run, unlogged=lacks(request, run))
        for request, run in zip(asked, incident.executions, strict=True)
    ]


def _run_twice(incident: Incident) -> dict[int, list[int]]:
    """Return, of the requests that made two writes, the moments of these."""
    found: dict[int, list[int]] = {}
    for run in incident.executions:
        if run.command not in ("BEGIN", "COMMIT", "ROLLBACK"):
            found.setdefault(run.request, []).append(run.at_us)
    return {request: times for request, times in found.items() if len(times) > 1}


def _kind(request: Request) -> tuple[str, ...]:
    return request.method, *request.target.split("/")[:4]


def _scan(until_us: int) -> list[Request]:
    """Return what gives the intruder away in every estate: a look for paths, twenty a second."""
    letters = "abcdefghijklmnopqrst"
    words = [a + b for a in letters for b in letters]
    begun = until_us - 60 * SECOND
    return [
        Request(at_us, at_us + 2_000, INTRUDER, TOOL, f"/old/{word}/login.php", 404, 153)
        for word, at_us in zip(words, range(begun, until_us, SECOND // 20), strict=False)
    ]


def _traced(run: Execution, incident: Incident) -> Execution:
    return replace(run, text=f"{run.text} /* trace_id={trace_of(incident.requests[run.request])} */")


def datamap_of(estate: Estate) -> str:
    """Write the data map: every table with its key, whose rows it holds and, where told, its kinds."""
    lines = [
        "name: Estate",
        "zone: Asia/Tokyo",
        "systems:",
        "  estate:",
        "    engine: postgresql",
        '    version: "16"',
        "    collation: C",
        "    tables:",
    ]
    for incident in estate.incidents:
        for design in incident.base.designs.values():
            lines += _table_lines(design, typed=estate.setting.typed == "map")
    lines += ["accounts:", "  pooled: [app]"]
    if estate.setting.log.traced or estate.setting.guarded:
        lines.append("sources:")
    if estate.setting.log.traced:
        lines += ["  - files: access.log", f"    log_format: '{TRACED_FORMAT}'"]
    if estate.setting.guarded:
        lines += ["  - files: postgresql.*", "    covers: true"]
    return "\n".join([*lines, ""])


def _table_lines(design: Design, *, typed: bool) -> list[str]:
    lines = [f"      {design.name}:", f"        key: [{', '.join(design.key)}]"]
    if design.person:
        lines += ["        person: true", f"        persona: {design.name}"]
    elif design.owner is not None:
        lines.append(f"        belongs: {{table: {design.owner[0]}, by: [{', '.join(design.owner[1])}]}}")
    if typed:
        lines.append("        columns:")
        lines += [f"          {name}: {{type: {kind}}}" for name, kind in design.kinds.items()]
    return lines


def _write_snapshot(estate: Estate, at_us: int, folder: Path) -> None:
    folder.mkdir()
    made = []
    for incident in estate.incidents:
        for design in incident.base.designs.values():
            rows = incident.taken[at_us].get(design.name, [])
            if estate.setting.by_key:
                rows = sorted(rows, key=lambda row: [row.values[name] for name in design.key])
            (folder / f"{design.name}.csv").write_text(_csv_of(design, rows), encoding="utf-8")
            columns = ", ".join(f"{name} {kind}" for name, kind in design.kinds.items())
            made.append(f"CREATE TABLE {design.name} ({columns});\n")
        made += [*_references(incident.base), *schema_of(incident.base)]
    if estate.setting.typed == "schema":
        (folder / "schema.sql").write_text("".join(made), encoding="utf-8")


def _references(base: Base) -> list[str]:
    return [
        f"ALTER TABLE {child} ADD FOREIGN KEY ({', '.join(ties)}) "
        f"REFERENCES {parent} ({', '.join(ties.values())}) ON DELETE {base.on_delete};\n"
        for parent, held in (base.referring.items() if base.on_delete else ())
        for child, ties in held
    ]


def _csv_of(design: Design, rows: list[Row]) -> str:
    lines = [",".join(design.kinds)]
    lines += [",".join(_csv_value(value) for value in row.values.values()) for row in rows]
    return "\n".join(lines) + "\n"


def _csv_value(value: Plain) -> str:
    if value is None:
        return ""
    text = text_of(value)
    return f'"{text}"' if isinstance(value, str) and (not text or set(text) & set(',"\n')) else text
