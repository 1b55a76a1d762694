"""``ashiato duties``: what must be reported, to whom, by when, as of a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from ashiato.cli.options import FACTS_FILE, AsJson, AsOf, CaseFolder, DiaryFile, Lang
from ashiato.cli.screen import clean, say, say_json
from ashiato.cli.surroundings import language_of_machine, now_us
from ashiato.exports.words import words_in
from ashiato.terms.times import moment_of

if TYPE_CHECKING:
    from ashiato.engine.api import Case
    from ashiato.exports.duties.telling import Line
    from ashiato.exports.words import Words
    from ashiato.law.api import Assessment, Diary


def duties(  # noqa: PLR0913 - the verb's options
    folder: CaseFolder,
    *,
    facts: DiaryFile = None,
    as_of: AsOf = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Say what moved since this day or time.")
    ] = None,
    counts: Annotated[
        bool,
        typer.Option("--counts", help="Print the newest run's counts as an entry of the diary."),
    ] = False,
    record: Annotated[
        bool, typer.Option("--record", help="Keep this answer as a decision, pinned in the ledger.")
    ] = False,
    by: Annotated[str, typer.Option(metavar="NAME", help="Who confirms the decision, and as what.")] = "",
    why: Annotated[str, typer.Option(metavar="TEXT", help="Why it is decided so.")] = "",
    replay: Annotated[
        int | None, typer.Option(metavar="N", help="Run decision N again, by its rules and by today's.")
    ] = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Say which duties apply as of a day, why, by when, to whom, and what is not known.

    Reads a diary of what was known when (docs/guides/duties.md). What the rules leave open is shown in
    every reading, the earliest first; a rule whose text is not verified is named and not relied on. This is
    no legal advice: a person confirms it, with --record.
    """
    from ashiato.engine.api import open_case
    from ashiato.law.api import assess, load_diary, load_rulebook

    case = open_case(folder, now_us)
    words = words_in(lang or language_of_machine())
    if counts:
        _say_counts(case)
        return
    if replay is not None:
        _replay(case, replay, words, as_json=as_json)
        return
    diary = load_diary(facts or case.folder / FACTS_FILE)
    assessment = assess(diary, load_rulebook(), _moment(as_of, diary))
    earlier = assess(diary, load_rulebook(), _moment(since, diary)) if since else None
    kept = _record(case, assessment, by, why) if record else None
    if as_json:
        say_json(_as_json(assessment, earlier, kept))
    else:
        _say(assessment, earlier, words)
        if kept:
            say(words.say("duties.recorded", number=kept["number"], file=kept["file"]))


def _say_counts(case: Case) -> None:
    from ashiato.engine.api import open_outcome
    from ashiato.exports.duties.counts import render_counts
    from ashiato.law.api import Moment

    with open_outcome(case) as outcome:
        say(render_counts(outcome, Moment(moment_of(now_us(), case.zone).replace(microsecond=0))).rstrip())


def _moment(text: str | None, diary: Diary) -> datetime:
    """Return the moment an option names: the end of a day, a time in the diary's zone, or now."""
    from ashiato.law.api import moment_asked

    return moment_of(now_us(), diary.zone) if text is None else moment_asked(text, diary.zone)


def _record(case: Case, assessment: Assessment, by: str, why: str) -> dict[str, object]:
    from ashiato.engine.api import latest_run, record_decision, writing
    from ashiato.law.api import Confirmation, freeze, list_rule_files

    content = freeze(assessment, Confirmation(by, why)).decode()
    rules = {file: text.decode() for file, text in list_rule_files()}
    with writing(case):
        run = latest_run(case)
        kept = record_decision(case, content, rules, facts=assessment.diary.sha256, run=run)
    return {"number": kept.number, "file": kept.name}


def _replay(case: Case, number: int, words: Words, *, as_json: bool) -> None:
    from ashiato.engine.api import read_decision, read_kept_rules
    from ashiato.exports.duties.moved import tell_replay
    from ashiato.law.api import changes_as_plain, load_rulebook, replay

    again = replay(read_decision(case, number), lambda sha256: read_kept_rules(case, sha256), load_rulebook())
    if as_json:
        today = changes_as_plain(again.changes)
        say_json({"decision": number, "record": again.record, "same": again.same, "today": today})
    else:
        _say_lines(tell_replay(number, again, words))


def _as_json(
    assessment: Assessment, earlier: Assessment | None, kept: dict[str, object] | None
) -> dict[str, object]:
    from ashiato.law.api import assessment_as_plain, changes_as_plain, compare

    moved = {"since": changes_as_plain(compare(earlier, assessment))} if earlier else {}
    return assessment_as_plain(assessment) | moved | ({"decision": kept} if kept else {})


def _say(assessment: Assessment, earlier: Assessment | None, words: Words) -> None:
    from ashiato.exports.duties.moved import tell_changes
    from ashiato.exports.duties.telling import tell_assessment
    from ashiato.law.api import compare

    _say_lines(tell_assessment(assessment, words))
    if earlier:
        _say_lines(tell_changes(compare(earlier, assessment), earlier, assessment, words))


def _say_lines(lines: Iterable[Line]) -> None:
    for depth, text in lines:
        if depth == 0:
            say()
        say("  " * depth + clean(text), style=None if depth else "bold")
