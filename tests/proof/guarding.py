"""Estates that ask for proofs of absence: logs that cover every way, and what may befall such logs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from ashiato.engine.api import Case, Outcome, investigate_case, open_outcome
from tests.proof.dice import Dice
from tests.proof.estates import (
    DAWN_US,
    Estate,
    Setting,
    everything,
    play_in,
    setting_of,
    texts_of,
    write_case,
)
from tests.proof.incidents import SECOND, Execution, Options
from tests.proof.judging import Fault
from tests.proof.logs import PREFIXES

#: What befalls a log: nothing, lines taken out, its end or its beginning cut off, its clock set otherwise.
ABLATIONS = (
    "", "", "lines", "tail", "head", "stretch", "web-lines", "web-tail", "hours", "seconds",
    "connection", "connection-tail",
)  # fmt: skip
_NOT_REACHED = 0
_BEAT_US = 45 * SECOND
_ROLES = """CREATE ROLE app;
ALTER ROLE app WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB LOGIN NOREPLICATION NOBYPASSRLS;
"""


@dataclass
class Cleared:
    """How many records came out as not reached, of how many estates, what was missing, and the faults."""

    records: int = 0
    estates: int = 0
    proven: int = 0
    missing: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def add(self, other: Cleared) -> None:
        """Take another estate's counts into this one."""
        for name in ("records", "estates", "proven", "missing", "faults"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def clear(seed: int, count: int, only: int | None = None, *, whole: bool = False) -> Cleared:
    """Play a guarded estate and look for anybody reached who came out as not reached.

    ``whole``: nothing befalls its logs.
    """
    setting = guarded_setting(seed, count, whole=whole)
    estate = play_in(setting, seed, count, only)
    with TemporaryDirectory() as folder:
        case = write_guarded(estate, Path(folder), whole=whole)
        investigate_case(case)
        with open_outcome(case) as outcome:
            return _judge(estate, outcome)


def _judge(estate: Estate, outcome: Outcome) -> Cleared:
    found = Cleared(estates=1)
    told = outcome.store.rows("SELECT table_name, record_key FROM people WHERE grade = 0")
    cleared = {(table, key) for table, key in told}
    found.records = len(cleared)
    found.proven = bool(outcome.store.rows("SELECT 1 FROM absences WHERE proves"))
    reasons = outcome.store.rows("SELECT DISTINCT reasons FROM absences ORDER BY 1")
    found.missing = [reason.partition("(")[0] for (text,) in reasons for reason in text.split(";") if reason]
    for incident in estate.incidents:
        truth = incident.truth
        reached = {record[:2] for held in (truth.carried, truth.hinted, truth.involved) for record in held}
        mistaken = sorted(one for one in cleared if incident.base.record_of(*one) in reached)
        found.faults += [Fault("false-absence", incident.suffix, " ".join(one)) for one in mistaken]
    return found


def write_guarded(estate: Estate, folder: Path, *, whole: bool = False) -> Case:
    """Write a guarded estate as a case, with what its seed does to the logs unless they stay whole."""
    (folder / "logs").mkdir(parents=True)
    write_beside(estate, folder / "logs")
    requests, executions = everything(estate)
    texts = texts_of(requests, [*executions, *heartbeats(estate)], estate.setting)
    return write_case(estate, folder, texts if whole else ablate(estate.seed, *texts))


def guarded_setting(seed: int, count: int, *, whole: bool = False) -> Setting:
    """Choose the setting of an estate whose log is numbered; it may suffer from every trouble."""
    dice = Dice("guarded", seed)
    made = setting_of(seed, count)
    if whole:
        made = replace(made, trouble="", log=replace(made.log, cut=None, skew_us=0, binds=True))
    log = replace(made.log, prefix=PREFIXES[1])
    # What is never answered exactly would leave nobody to be proven of.
    shapes = dice.some_of(list(made.options.shapes), dice.between(2, 6))
    # A write that names its rows by what they hold may have been anybody's.
    options: Options = replace(made.options, shapes=tuple(shapes), writes=dice.happens(0.4))
    return replace(made, log=log, options=options, guarded=True)


def heartbeats(estate: Estate) -> list[Execution]:
    """Return what shows a log to be alive from the first request to the last: looks that read nothing."""
    end = estate.incidents[-1].start_us + 600 * SECOND
    return [
        Execution(at_us, 0, "SELECT 1", (), "SELECT", 1, 300, None, 0)
        for at_us in range(DAWN_US - 240 * SECOND, end, _BEAT_US)
    ]


def write_beside(estate: Estate, folder: Path) -> None:
    """Write what a proof asks for beside the logs: the server's settings, its roles, its tables."""
    (folder / "postgresql.conf").write_text("log_statement = all\n", encoding="utf-8")
    made = [
        f"CREATE TABLE {design.name} ({', '.join(' '.join(pair) for pair in design.kinds.items())});\n"
        for incident in estate.incidents
        for design in incident.base.designs.values()
    ]
    (folder / "dump.sql").write_text(_ROLES + "".join(made), encoding="utf-8")


def ablate(seed: int, web: str, database: str) -> tuple[str, str]:
    """Do to an estate's logs what its seed says."""
    dice = Dice("ablation", seed)
    way = dice.one_of(ABLATIONS)
    if way.startswith("web-"):
        return _cut(dice, way.removeprefix("web-"), web), database
    if way in ("hours", "seconds"):
        return web, _shifted(database, dice.between(1, 9) if way == "hours" else 0, dice.between(1, 50))
    if way.startswith("connection"):
        return web, _without_connection(dice, database, whole=way == "connection")
    return web, _cut(dice, way, database) if way else database


def _without_connection(dice: Dice, text: str, *, whole: bool) -> str:
    """Take out all lines of one connection, or its last ones, after which nothing of it follows."""
    lines = text.splitlines(keepends=True)
    mark = str(4700 + dice.below(3))
    own = [place for place, line in enumerate(lines) if re.search(rf"\b{mark}\b", line)]
    gone = set(own if whole else own[len(own) * (100 - dice.between(1, 40)) // 100 :])
    return "".join(line for place, line in enumerate(lines) if place not in gone)


def _cut(dice: Dice, way: str, text: str) -> str:
    lines = text.splitlines(keepends=True)
    share = dice.between(1, 30)
    if way == "lines":
        return "".join(line for line in lines if not dice.happens(share / 300))
    begun, kept = len(lines) * share // 100, len(lines) * (100 - share) // 100
    if way == "stretch":
        middle = dice.between(0, kept)
        return "".join(lines[:middle] + lines[middle + begun :])
    return "".join(lines[:kept] if way == "tail" else lines[begun:])


def _shifted(text: str, hours: int, seconds: int) -> str:
    """Set every time of a log otherwise, within its day."""

    def moved(found: re.Match[str]) -> str:
        whole = (
            (int(found[1]) + hours) * 3600 + int(found[2]) * 60 + int(found[3]) + (0 if hours else seconds)
        )
        return f"2026-06-10 {whole // 3600 % 24:02}:{whole // 60 % 60:02}:{whole % 60:02}"

    return re.sub(r"2026-06-10 ([0-9]{2}):([0-9]{2}):([0-9]{2})", moved, text)
