"""``ashiato people``: people behind the records, what a human has to decide, and the decision."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ashiato.cli.options import AsJson, CaseFolder, Lang
from ashiato.cli.screen import say, say_json, say_table
from ashiato.cli.surroundings import language_of_machine, now_us
from ashiato.exports.words import Words, words_in

if TYPE_CHECKING:
    from ashiato.engine.api import Outcome
    from ashiato.exports.people_facts import PeopleFact
    from ashiato.exports.told_facts import ToldFact

_MOST = 20


class Verdict(StrEnum):
    """What a human says of two records."""

    SAME = "same"
    DIFFERENT = "different"


def people(
    folder: CaseFolder,
    *,
    decide: Annotated[
        tuple[str, Verdict] | None,
        typer.Option(metavar="PAIR same|different", help="Decide a pair of the queue."),
    ] = None,
    by: Annotated[str | None, typer.Option(metavar="NAME", help="Who decides.")] = None,
    because: Annotated[str | None, typer.Option(metavar="TEXT", help="Why; kept in the ledger.")] = None,
    lang: Lang = None,
    as_json: AsJson = False,
) -> None:
    """Say how many people stand behind the records, and which pairs of records a human has to decide.

    A decision is kept in the case and holds from the next `investigate` on.
    """
    from ashiato.engine.api import decide_pair, open_case, open_outcome
    from ashiato.exports.people_facts import gather_people
    from ashiato.exports.told_facts import gather_told

    case = open_case(folder, now_us)
    words = words_in(lang or language_of_machine())
    with open_outcome(case) as outcome:
        if decide is not None:
            if not by or not because:
                raise typer.BadParameter("--decide needs --by NAME and --because TEXT")
            decide_pair(case, outcome.store, decide[0], decide[1], by=by, because=because)
            say(words.say("people.decided", command=f"ashiato investigate {folder}"))
            return
        fact, told, queue = gather_people(outcome.store), gather_told(outcome.store), _queue(outcome)
    if as_json:
        say_json(
            {
                "people": _as_json(fact),
                "to_tell": _told_json(told),
                "reviews": [dict(zip(_HEADS, row, strict=True)) for row in queue],
            }
        )
        return
    _say_people(fact, told, queue, words)


_HEADS = ("pair", "one", "other", "score", "agree", "conflict", "decision")
_QUEUE = """
SELECT pair, system || '/' || table_name || '/' || record_key,
       other_system || '/' || other_table_name || '/' || other_record_key, score, agree, conflict, decision
FROM match_reviews ORDER BY decision IS NOT NULL, score DESC, pair
"""


def _queue(outcome: Outcome) -> list[tuple[object, ...]]:
    return outcome.store.rows(_QUEUE)


def _as_json(fact: PeopleFact | None) -> dict[str, object] | None:
    if fact is None:
        return None
    return {
        "all": [fact.all.at_least, fact.all.at_most],
        "reached": [fact.reached.at_least, fact.reached.at_most],
        "open_reviews": fact.open_reviews,
        "not_compared": [
            {"way": way.way, "values": way.large_blocks, "records": way.large_records}
            for way in fact.ways
            if way.large_blocks
        ],
    }


def _told_json(told: ToldFact | None) -> dict[str, object] | None:
    if told is None:
        return None
    return {
        "reachable": [told.reachable.at_least, told.reachable.at_most],
        "unreachable": [told.unreachable.at_least, told.unreachable.at_most],
        "by_sensitivity": {level: [at.at_least, at.at_most] for level, at in told.levels.items()},
    }


def _say_people(
    fact: PeopleFact | None, told: ToldFact | None, queue: list[tuple[object, ...]], words: Words
) -> None:
    if fact is None:
        say(words.say("people.none"))
        return
    counted = {"people.all": fact.all, "people.reached": fact.reached}
    if told is not None:
        grave = {"people.grave": told.levels[max(told.levels)]}
        counted |= grave | {"people.reachable": told.reachable, "people.unreachable": told.unreachable}
    for key, bounds in counted.items():
        least, most = words.number(bounds.at_least), words.number(bounds.at_most)
        say(words.say(key, least=least, most=most), style="bold")
    say(words.say("people.bounds"))
    for way in (way for way in fact.ways if way.large_blocks):
        values, records = words.number(way.large_blocks), words.number(way.large_records)
        say("  " + words.say("people.large", way=way.way, values=values, records=records))
    say()
    say(words.say("people.queue", count=words.number(fact.open_reviews)), style="bold")
    heads = tuple(words.say(f"people.{head}") for head in _HEADS)
    if queue:
        say_table([heads, *(tuple(str(cell or "") for cell in row) for row in queue[:_MOST])], numbers=(3,))
    if len(queue) > _MOST:
        say(f"  (+{len(queue) - _MOST}; --json)")
