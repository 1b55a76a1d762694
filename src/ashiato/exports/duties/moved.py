"""What moved between two days, line by line."""

from __future__ import annotations

from collections.abc import Iterator

from ashiato.exports.duties.parts import DutyWords
from ashiato.exports.duties.telling import Line
from ashiato.exports.words import Words
from ashiato.law.api import Assessment, Changes, DutyChange, Replay


def tell_changes(changes: Changes, before: Assessment, after: Assessment, words: Words) -> Iterator[Line]:
    """Yield the facts that were set or changed since ``before``, and what each did to the duties."""
    said = DutyWords(words, after.diary.zone)
    yield 0, said.say("heading_changes", moment=said.moment(before.as_of))
    yield from tell_moves(changes, before, after, said)


def tell_moves(changes: Changes, before: Assessment, after: Assessment, said: DutyWords) -> Iterator[Line]:
    """Yield facts and duties that moved, or that nothing did."""
    if not changes.facts and not changes.duties:
        yield 1, said.say("nothing_moved")
    for fact in changes.facts:
        values = [said.value(side.value if side else None) for side in (fact.before, fact.after)]
        yield 1, said.say("fact_since", title=said.name(fact.name), before=values[0], after=values[1])
    for change in changes.duties:
        yield from _tell_duty(change, before, after, said)


def _tell_duty(change: DutyChange, before: Assessment, after: Assessment, said: DutyWords) -> Iterator[Line]:
    moves = said.words.say("explain.comma").join(said.words.code("duty_moves", move) for move in change.moves)
    yield 1, f"{said.text(change.rule.title)}: {moves}"
    ends = [
        said.end_of(duty, assessment.as_of)
        for duty, assessment in ((change.before, before), (change.after, after))
        if duty is not None and duty.binds
    ]
    if ends:
        yield 2, " → ".join(ends)
    if change.facts:
        yield 2, said.names(fact.name for fact in change.facts)


def tell_replay(number: int, again: Replay, words: Words) -> Iterator[Line]:
    """Yield whether a decision comes out the same, who confirmed it, why, and what today's rules say."""
    said = DutyWords(words, again.frozen.diary.zone)
    confirmed = again.record["confirmed"]
    key = "replay_same" if again.same else "replay_differs"
    moment = said.moment(again.frozen.as_of)
    yield 0, said.say(key, number=number, moment=moment, by=confirmed["by"])
    yield 1, said.say("replay_why", why=confirmed["why"])
    if again.changes.duties:
        yield 0, said.say("replay_today")
        yield from tell_moves(again.changes, again.frozen, again.today, said)
    else:
        yield 0, said.say("replay_today_same")
