"""``ashiato investigate``: run every stage and print the answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ashiato.cli.options import AsJson, CaseFolder, Lang
from ashiato.cli.screen import clean, say, say_json
from ashiato.cli.surroundings import language_of_machine, now_us
from ashiato.exports.words import Language, words_in
from ashiato.terms.errors import CaseError, Place

if TYPE_CHECKING:
    from ashiato.engine.api import Case
    from ashiato.exports.facts import Facts

EMBEDDED = "duckdb"
_REPORT = "report"


def investigate(
    folder: CaseFolder,
    engine: Annotated[
        str, typer.Option(metavar="ENGINE", help="duckdb, spark, or spark://HOST:PORT for a cluster.")
    ] = EMBEDDED,
    rules: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", help="Sigma rules of your own, a file or a folder; kept in the case."),
    ] = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Find out what happened, whose records were reached, and what is not known.

    Goes on where a killed run stopped. The same case gives the same answer, byte for byte.
    """
    from ashiato.cli.answer import say_answer
    from ashiato.cli.engines import efforts_as_json, say_efforts
    from ashiato.cli.progress import telling
    from ashiato.cli.rules import refused_as_json, say_refused
    from ashiato.engine.api import add_rules, efforts_of, investigate_case, open_case, refused_rules
    from ashiato.exports.summary import summary_of

    _check_engine(engine)
    case = open_case(folder, now_us)
    _need_evidence(case)
    for path in rules or ():
        add_rules(case, path)
    language = lang or language_of_machine()
    with telling() as tell:
        run = investigate_case(case, engine, tell)
    efforts, refused = efforts_of(run), refused_rules(run)
    facts, report = _report(case, language)
    if as_json:
        say_json(summary_of(facts) | efforts_as_json(efforts) | refused_as_json(refused) | {"report": report})
        return
    words = words_in(language)
    say_answer(facts, words)
    if engine != EMBEDDED:
        say_efforts(efforts, words)
    say_refused(refused, words)
    say()
    say(words.say("investigate.report", place=clean(report)))
    if facts.total:
        explain = f"ashiato explain {case.folder} --person KEY"
        say(words.say("investigate.explain", command=clean(explain)))


def _check_engine(engine: str) -> None:
    if engine not in (EMBEDDED, "spark") and not engine.startswith("spark://"):
        message = f"{clean(engine)!r} is no engine; write duckdb, spark or spark://HOST:PORT"
        raise typer.BadParameter(message, param_hint="'--engine'")


def _need_evidence(case: Case) -> None:
    """Refuse a case without evidence: that nothing was found in nothing could be read as good news."""
    from ashiato.engine.api import list_sealed

    if not list_sealed(case.folder):
        raise CaseError(
            "there is no evidence in this case",
            where=Place(str(case.folder)),
            fix=f"add the logs: `ashiato evidence add {case.folder} PATH...`",
        )


def _report(case: Case, language: Language) -> tuple[Facts, str]:
    from ashiato.engine.api import open_outcome, record_export, writing
    from ashiato.exports.writing import facts_of, write_report

    with writing(case), open_outcome(case) as outcome:
        place = outcome.run.folder / _REPORT
        written = write_report(outcome, place, language)
        record_export(outcome.run, place, [path.name for path in written])
        return facts_of(outcome), str(place / "report.html")
