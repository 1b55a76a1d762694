"""``ashiato clients``: one package for each client whose people a contractor holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ashiato.cli.export import refuse_sealed
from ashiato.cli.options import FACTS_FILE, AsJson, CaseFolder, DiaryFile, Lang
from ashiato.cli.screen import clean, note, say, say_json, say_table
from ashiato.cli.surroundings import language_of_machine, now_us
from ashiato.exports.words import words_in

if TYPE_CHECKING:
    from ashiato.engine.api import Case
    from ashiato.exports.clients.packages import Package, Told
    from ashiato.exports.facts import Bounds
    from ashiato.exports.words import Words


def clients(
    folder: CaseFolder,
    *,
    to: Annotated[
        Path,
        typer.Option("--to", metavar="OUT", help="The folder to write into; each client gets one in it."),
    ],
    facts: DiaryFile = None,
    told: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="When the clients were told; else their diaries leave it open."),
    ] = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Write a package for each client: its own people's records, fields, counts and diary, nobody else's.

    Whose people a table holds stands in the data map (`client:`). A record that is no client's for certain
    goes into no package and is counted. What was written is noted in the ledger.
    """
    from ashiato.engine.api import open_case, open_outcome, record_export, writing
    from ashiato.exports.clients.packages import count_unassigned, write_packages

    case = open_case(folder, now_us)
    refuse_sealed(case.folder, to)
    diary = _told(case, facts, told)
    packages = []
    with writing(case), open_outcome(case) as outcome:
        for package in write_packages(outcome, to, diary):
            record_export(outcome.run, package.folder, package.files)
            packages.append(package)
        unassigned = count_unassigned(outcome.store)
    words = words_in(lang or language_of_machine())
    if as_json:
        say_json({"clients": [_as_json(package) for package in packages], "no_client": _bounds(unassigned)})
    else:
        _say(packages, unassigned, words)


def _told(case: Case, facts: Path | None, told: str | None) -> Told | None:
    from ashiato.exports.clients.packages import Told
    from ashiato.law.api import load_diary, moment_told

    path = facts or case.folder / FACTS_FILE
    if facts is None and not path.exists():
        return None
    diary = load_diary(path)
    return Told(diary, now_us(), None if told is None else moment_told(told, diary.zone))


def _say(packages: list[Package], unassigned: Bounds, words: Words) -> None:
    for package in packages:
        say(clean(package.folder))
    head = [words.say(f"clients.{name}") for name in ("client", "records", "at_least", "at_most")]
    rows = [
        [p.client, *map(words.number, (p.records, p.reached.at_least, p.reached.at_most))] for p in packages
    ]
    say_table([head, *rows], numbers=(1, 2, 3))
    if unassigned.at_most:
        told = words.say("clients.no_client", number=words.number(unassigned.at_most))
        note(told, style="yellow")


def _as_json(package: Package) -> dict[str, object]:
    return {
        "client": package.client,
        "folder": str(package.folder),
        "files": list(package.files),
        "records": package.records,
        "reached": _bounds(package.reached),
    }


def _bounds(bounds: Bounds) -> dict[str, int | None]:
    return {"at_least": bounds.at_least, "at_most": bounds.at_most}
