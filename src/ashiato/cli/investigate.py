"""``ashiato investigate``: run every stage and print the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ashiato.cli.options import AsJson, CaseFolder, Lang
from ashiato.cli.screen import clean, say, say_json
from ashiato.cli.surroundings import language_of_machine, now_us
from ashiato.exports.words import Language, words_in

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
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Find out what happened, whose records were reached, and what is not known.

    Goes on where a killed run stopped. The same case gives the same answer, byte for byte.
    """
    from ashiato.cli.answer import say_answer
    from ashiato.cli.engines import efforts_as_json, say_efforts
    from ashiato.cli.progress import telling
    from ashiato.engine.api import efforts_of, investigate_case, open_case
    from ashiato.exports.summary import summary_of

    case = open_case(folder, now_us)
    language = lang or language_of_machine()
    with telling() as tell:
        efforts = efforts_of(investigate_case(case, engine, tell))
    facts, report = _report(case, language)
    if as_json:
        say_json(summary_of(facts) | efforts_as_json(efforts) | {"report": report})
        return
    words = words_in(language)
    say_answer(facts, words)
    if engine != EMBEDDED:
        say_efforts(efforts, words)
    say()
    say(words.say("investigate.report", place=clean(report)))
    explain = f"ashiato explain {case.folder} --person KEY"
    say(words.say("investigate.explain", command=clean(explain)))


def _report(case: Case, language: Language) -> tuple[Facts, str]:
    from ashiato.engine.api import open_outcome, record_export, writing
    from ashiato.exports.writing import facts_of, write_report

    with writing(case), open_outcome(case) as outcome:
        place = outcome.run.folder / _REPORT
        written = write_report(outcome, place, language)
        record_export(outcome.run, place, [path.name for path in written])
        return facts_of(outcome), str(place / "report.html")
