"""The answer on the terminal: what happened, how many records, which fields, what is not known."""

from __future__ import annotations

from ashiato.cli.screen import clean, say, say_table
from ashiato.exports.facts import Bounds, Facts, PathFact
from ashiato.exports.report.contents import hole_texts, limit_text, range_text, untold_text
from ashiato.exports.words import Words
from ashiato.terms.times import moment_of

_MOST_FIELDS = 30
_MOST_LIMITS = 12


def say_answer(facts: Facts, words: Words) -> None:
    """Print the whole answer in one language."""
    _say_records(facts, words)
    _say_paths(facts, words)
    _say_fields(facts, words)
    _say_unknown(facts, words)


def _say_records(facts: Facts, words: Words) -> None:
    say(words.say("report.answer"), style="bold")
    if facts.total == 0:
        say("  " + untold_text(facts, words))
        _say_outside(facts, words)
        return
    counts = facts.reached.counts(facts.as_of)
    bounds = " / ".join(words.count(count) for count in counts.values() if count)
    of_all = words.say("report.answer_of", total=words.number(facts.total))
    say(f"  {words.say('report.answer_reached')}: {bounds}  ({of_all})", style="bold")
    rows = [(words.grade(grade), words.number(number)) for grade, number in facts.by_grade.items()]
    say_table(rows, numbers=(1,), indent=4)
    _say_outside(facts, words)
    say("  " + words.say("report.of_records"))
    _say_people(facts, words)
    zone = words.say("report.as_of_note", zone=str(facts.zone))
    say(f"  {words.say('report.as_of')}: {_time(facts.as_of_us, facts)} ({zone})")


def _say_people(facts: Facts, words: Words) -> None:
    if facts.people is not None:
        reached, pairs = facts.people.reached, words.number(facts.people.open_reviews)
        least, most = words.number(reached.at_least), words.number(reached.at_most)
        say("  " + words.say("report.answer_people", least=least, most=most, pairs=pairs))


def _say_outside(facts: Facts, words: Words) -> None:
    if facts.outside.at_most:
        say("  " + words.say("report.answer_outside", range=range_text(facts.outside, words)))


def _say_paths(facts: Facts, words: Words) -> None:
    _head(words.say("report.happened"))
    if not facts.paths:
        say("  " + words.say("report.happened_none"))
        return
    heads = ("path", "first_time", "last_time", "intruder", "events", "records", "path_title")
    rows = [tuple(words.say(f"report.{head}") for head in heads)]
    rows += [_path_row(path, facts, words) for path in facts.paths]
    say_table(rows, numbers=(4, 5))


def _path_row(path: PathFact, facts: Facts, words: Words) -> tuple[str, ...]:
    return (
        path.path,
        _time(path.first_us, facts),
        _time(path.last_us, facts),
        path.intruder,
        words.number(path.events),
        range_text(path.bounds, words),
        words.title(path.technique, path.title),
    )


def _say_fields(facts: Facts, words: Words) -> None:
    if not facts.fields:
        return
    _head(words.say("report.fields"))
    rows = [tuple(words.say(f"report.{head}") for head in ("field", "category", "at_least", "at_most"))]
    rows += [
        (
            fact.field,
            words.code("categories", fact.category),
            words.number(fact.bounds.at_least),
            words.number(fact.bounds.at_most),
        )
        for fact in facts.fields[:_MOST_FIELDS]
    ]
    say_table(rows, numbers=(2, 3))
    _say_more(len(facts.fields) - _MOST_FIELDS, "summary.json", words)


def _say_unknown(facts: Facts, words: Words) -> None:
    _head(words.say("report.unknown"))
    widening = [limit for limit in facts.limits if not limit.narrows]
    for limit in widening[:_MOST_LIMITS]:
        told, codes = limit_text(limit, words).split("\n", 1)
        size = [(limit.events, "report.statements"), (limit.records, "report.widened")]
        sizes = ", ".join(f"{words.say(key)}: {words.number(number)}" for number, key in size if number)
        say(f"  {clean(limit.path)}  {clean(codes)}  {sizes}")
        say(f"      {clean(told)}")
        if limit.remedy:
            say(f"      {words.say('report.remedy')}: {clean(words.code('remedies', limit.remedy))}")
    _say_more(len(widening) - _MOST_LIMITS, "summary.json", words)
    _say_withheld(facts, words)
    _say_excluded(facts, words)
    _say_absences(facts, words)
    for hole in facts.holes[:_MOST_LIMITS]:
        span = [_time(us, facts) for us in (hole.first_us, hole.last_us) if us is not None]
        why = words.say("explain.comma").join(hole_texts(hole, words))
        say(f"  {clean(hole.source)}: {' - '.join(span)} {clean(why)}")
    _say_more(len(facts.holes) - _MOST_LIMITS, "summary.json", words)
    read, unread = (sum(getattr(file, name) for file in facts.files) for name in ("read", "unread"))
    key = "report.unread_text" if unread else "report.unread_none"
    say("  " + words.say(key, read=words.number(read), unread=words.number(unread)))


def _say_withheld(facts: Facts, words: Words) -> None:
    withheld = [limit for limit in facts.limits if limit.narrows]
    if withheld:
        total = words.number(sum(limit.events for limit in withheld))
        say(f"  {words.say('report.withheld')}: {total} ({words.say('report.statements')})")
        say(f"      {words.say('report.withheld_text')}")


def _say_excluded(facts: Facts, words: Words) -> None:
    for fact in facts.excluded:
        records = range_text(Bounds(fact.at_least, fact.at_most), words)
        sizes = f"{words.say('report.events')}: {words.number(fact.events)}"
        sizes += f", {words.say('report.would_reach')}: {records}"
        sizes += f", {words.say('report.by_these_only')}: {words.number(fact.only)}"
        say(f"  {words.say('report.excluded')}: {clean(fact.analyst)}: {clean(fact.because)}")
        say(f"      {sizes}")


def _say_absences(facts: Facts, words: Words) -> None:
    for absence in facts.absences:
        key = "report.proven" if absence.proves else "report.not_proven"
        told = f"{words.say('report.absences')}: {words.say(key)}"
        say(f"  {clean(absence.name)}  {told}")
        for gap in absence.gaps[:_MOST_LIMITS]:
            say(f"      {clean(gap)}: {clean(words.reason('proof_gaps', gap))}")


def _say_more(over: int, file: str, words: Words) -> None:
    if over > 0:
        say("  " + words.say("more", number=words.number(over), file=file))


def _head(text: str) -> None:
    say()
    say(text, style="bold")


def _time(time_us: int, facts: Facts) -> str:
    return moment_of(time_us, facts.zone).strftime("%Y-%m-%d %H:%M:%S")
