"""What the report says, as plain texts in one language; page and paper only lay it out."""

from __future__ import annotations

import json
from typing import Any

from ashiato.exports.cell import show
from ashiato.exports.facts import Bounds, Facts, FileFact, HoleFact, LimitFact
from ashiato.exports.report.grid import Grid, make_grid
from ashiato.exports.report.people import tell_people
from ashiato.exports.report.picture import render_picture
from ashiato.exports.told_times import tell_times
from ashiato.exports.words import Language, Words, words_in
from ashiato.terms.grades import Rung
from ashiato.terms.times import moment_of


def contents_of(facts: Facts, language: Language) -> dict[str, Any]:
    """Return every text of the report in reading order; log content has its controls made visible."""
    words = words_in(language)
    return {
        "lang": str(language),
        "language": words.say("language"),
        "say": words.section("report"),
        "case": show(facts.subject),
        "heading": " - ".join(filter(None, (words.say("report.title"), show(facts.subject)))),
        "as_of": _time(facts.as_of_us, facts),
        "as_of_note": words.say("report.as_of_note", zone=str(facts.zone)),
        "answer": _answer(facts, words),
        "grades": _grades(facts, words),
        "happened": _happened(facts, words),
        "times": [show(line) for line in tell_times(facts.times, words)] if facts.times else [],
        "picture": render_picture(facts, words),
        "paths": _paths(facts, words),
        "reasons": _reasons(facts, words),
        "personas": _personas(facts, words),
        "to_tell": tell_people(facts, words),
        "tell_words": words.section("to_tell"),
        "fields": _fields(facts, words),
        "limits": _limits(facts, words),
        "withheld": _withheld(facts, words),
        "excluded": _excluded(facts, words),
        "holes": _holes(facts, words),
        "absences": _absences(facts, words),
        "absence_gaps": _absence_gaps(facts, words),
        "ways": _ways(facts, words),
        "reach": _reach(facts, words),
        "unread_text": _unread_text(facts, words),
        "unread": _unread(facts, words),
        "signs": _signs(facts, words),
        "checks": _checks(words),
        "files": _files(facts, words),
        "rungs": _rungs(words),
    }


def range_text(bounds: Bounds, words: Words) -> str:
    """Return both bounds as one text, or one number where they are equal."""
    low = words.number(bounds.at_least)
    if bounds.at_most is None:
        return words.say("range_open", at_least=low) if bounds.at_least else words.number(None)
    high = words.number(bounds.at_most)
    return low if low == high else words.say("range", at_least=low, at_most=high)


def size_text(size_bytes: int) -> str:
    """Return a size in the unit that keeps it short; units of a thousand."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size_bytes >= factor:
            return f"{size_bytes / factor:.1f} {unit}"
    return f"{size_bytes} B"


def span_text(span_us: int, words: Words) -> str:
    """Return a stretch of time in its two largest units."""
    seconds = span_us // 1_000_000
    parts = {"days": seconds // 86400, "hours": seconds // 3600 % 24, "minutes": seconds // 60 % 60}
    parts["seconds"] = seconds % 60
    first = next((place for place, value in enumerate(parts.values()) if value), len(parts) - 1)
    told = list(parts.items())[first : first + 2]
    return words.say("report.span_and").join(
        words.say(f"report.span_{unit}", number=value) for unit, value in told if value or len(told) == 1
    )


def untold_text(facts: Facts, words: Words) -> str:
    """Return why no figures of records stand in the answer, or nothing where they do."""
    if facts.reached.at_most:
        return ""
    if facts.total:
        return words.say("report.answer_none")
    return words.say("report.answer_without_snapshot" if facts.mapped else "report.answer_unmapped")


def _answer(facts: Facts, words: Words) -> dict[str, Any]:
    outside = facts.outside.at_most
    return {
        "untold": untold_text(facts, words),
        "at_least": words.number(facts.reached.at_least),
        "at_most": words.number(facts.reached.at_most),
        "of": words.say("report.answer_of", total=words.number(facts.total)),
        "outside": words.say("report.answer_outside", range=range_text(facts.outside, words))
        if outside
        else "",
    }


def _grades(facts: Facts, words: Words) -> list[dict[str, Any]]:
    total = max(facts.total, 1)
    return [
        {
            "key": grade.name.lower().replace("_", "-"),
            "word": words.grade(grade),
            "meaning": words.code("grade_meanings", grade.word),
            "count": words.number(number),
            "share": number / total,
        }
        for grade, number in facts.by_grade.items()
    ]


def _happened(facts: Facts, words: Words) -> str:
    if not facts.paths:
        return words.say("report.happened_none")
    return words.say(
        "report.happened_text",
        paths=words.number(len(facts.paths)),
        intruders=words.number(len({path.intruder for path in facts.paths})),
        first=_time(min(path.first_us for path in facts.paths), facts),
        last=_time(max(path.last_us for path in facts.paths), facts),
        events=words.number(facts.hostile_events),
        dwell=span_text(_dwell_us(facts), words),
    )


def _dwell_us(facts: Facts) -> int:
    return max(path.last_us for path in facts.paths) - min(path.first_us for path in facts.paths)


def _paths(facts: Facts, words: Words) -> Grid:
    heads = (
        "path", "path_title", "technique", "intruder", "first_time", "last_time", "events", "sent", "records",
    )  # fmt: skip
    rows = [
        (
            path.path,
            words.title(path.technique, path.title),
            path.technique,
            path.intruder,
            _time(path.first_us, facts),
            _time(path.last_us, facts),
            words.number(path.events),
            "" if path.sent_bytes is None else size_text(path.sent_bytes),
            range_text(path.bounds, words),
        )
        for path in facts.paths
    ]
    return make_grid(words, heads, rows, "ctdtddnnn", "paths.csv")


def _reasons(facts: Facts, words: Words) -> Grid:
    rows = [
        (f"{words.code('reasons', reason.code)}", reason.code, words.number(reason.records))
        for reason in facts.reasons
    ]
    return make_grid(words, ("reason", "", "records"), rows, "tcn", "persons.csv")


def _personas(facts: Facts, words: Words) -> Grid:
    rows = [
        (
            words.code("personas", persona) or words.say("not_stated"),
            words.number(bounds.at_least),
            words.number(bounds.at_most),
        )
        for persona, bounds in facts.personas.items()
    ]
    return make_grid(words, ("persona", "at_least", "at_most"), rows, "tnn", "persons.csv")


def _fields(facts: Facts, words: Words) -> Grid:
    rows = [
        (
            fact.field,
            words.code("categories", fact.category),
            "、".join(words.code("tags", tag) for tag in fact.tags)
            if words.language is Language.JA
            else ", ".join(words.code("tags", tag) for tag in fact.tags),
            words.number(fact.bounds.at_least),
            words.number(fact.bounds.at_most),
        )
        for fact in facts.fields
    ]
    return make_grid(
        words, ("field", "category", "tags", "at_least", "at_most"), rows, "cttnn", "exposures.csv"
    )


def _limits(facts: Facts, words: Words) -> Grid:
    rows = [_limit(limit, words) for limit in facts.limits if not limit.narrows]
    return make_grid(
        words, ("path", "limit", "statements", "widened", "remedy"), rows, "ctnnt", "summary.json"
    )


def _withheld(facts: Facts, words: Words) -> Grid:
    rows = [
        (limit.path, limit.params.removeprefix("status="), words.number(limit.events))
        for limit in facts.limits
        if limit.narrows
    ]
    return make_grid(words, ("path", "status", "statements"), rows, "ctn", "summary.json")


def _excluded(facts: Facts, words: Words) -> Grid:
    rows = [
        (
            fact.analyst,
            fact.because,
            words.number(fact.events),
            range_text(Bounds(fact.at_least, fact.at_most), words),
            words.number(fact.only),
        )
        for fact in facts.excluded
    ]
    heads = ("analyst", "because", "events", "would_reach", "by_these_only")
    return make_grid(words, heads, rows, "ttnnn", "spared.csv")


def _limit(limit: LimitFact, words: Words) -> tuple[str, ...]:
    return (
        limit.path,
        limit_text(limit, words),
        words.number(limit.events) if limit.events else "",
        words.number(limit.records) if limit.records else "",
        words.code("remedies", limit.remedy),
    )


def limit_text(limit: LimitFact, words: Words) -> str:
    """Return a limit in words, and below it its codes as the files carry them."""
    told = " ".join(words.code("reasons", code) for code in limit.reason.split(";"))
    codes = f"{limit.reason}({limit.params})" if limit.params else limit.reason
    return f"{told}\n{codes}"


def _holes(facts: Facts, words: Words) -> Grid:
    rows = [
        (
            hole.source,
            "" if hole.first_us is None else _time(hole.first_us, facts),
            "" if hole.last_us is None else _time(hole.last_us, facts),
            "\n".join(hole_texts(hole, words)),
        )
        for hole in facts.holes
    ]
    return make_grid(words, ("source", "first_time", "last_time", "reason"), rows, "cddt", "summary.json")


def hole_texts(hole: HoleFact, words: Words) -> list[str]:
    """Return what a hole is, and what else is known of it, in words."""
    said = [_param(name, value, words) for name, value in _params_of(hole.params)]
    return [
        words.code("hole_reasons", hole.reason),
        *([words.say("explain.comma").join(said)] if said else []),
    ]


def _params_of(params: str) -> list[tuple[str, object]]:
    """Read a hole's parameters, a JSON object."""
    try:
        held = json.loads(params)
    except ValueError:
        return [("", params)] if params else []
    return list(held.items()) if isinstance(held, dict) else [("", params)]


def _param(name: str, value: object, words: Words) -> str:
    form = words.section("hole_params").get(name)
    if name.endswith("_us") and isinstance(value, int):
        value = _span_text(value)
    elif isinstance(value, int):
        value = words.number(value)
    return form.format(value=value) if form else f"{name.replace('_', ' ')} {value}".strip()


def _span_text(span_us: int) -> str:
    """Write a span of time as hours, minutes and seconds: ``4:39:59.886``."""
    minutes, seconds_us = divmod(abs(span_us), 60_000_000)
    seconds = f"{seconds_us / 1_000_000:06.3f}".removesuffix(".000")
    return f"{'-' if span_us < 0 else ''}{minutes // 60}:{minutes % 60:02}:{seconds}"


def _absences(facts: Facts, words: Words) -> Grid:
    rows = [
        (
            absence.name,
            words.say("report.proven" if absence.proves else "report.not_proven"),
            words.number(absence.not_reached),
            words.number(absence.events) if absence.proves else "",
            absence.source,
        )
        for absence in facts.absences
    ]
    heads = ("people_table", "absence", "not_reached", "statements_all", "source")
    return make_grid(words, heads, rows, "ctnnc", "summary.json")


def _absence_gaps(facts: Facts, words: Words) -> Grid:
    rows = [
        (absence.name, words.reason("proof_gaps", gap), gap)
        for absence in facts.absences
        for gap in absence.gaps
    ]
    return make_grid(words, ("people_table", "missing", ""), rows, "ctc", "summary.json")


def _ways(facts: Facts, words: Words) -> Grid:
    rows = [
        (
            words.code("way_kinds", way.kind),
            way.way,
            way.source,
            "" if way.first_us is None else _time(way.first_us, facts),
            "" if way.last_us is None else _time(way.last_us, facts),
            words.say("report.proves" if way.proves else "report.proves_not"),
        )
        for way in facts.ways
    ]
    return make_grid(
        words, ("way", "", "source", "first_time", "last_time", "silence"), rows, "tccddt", "coverage.csv"
    )


def _reach(facts: Facts, words: Words) -> Grid:
    rows = [
        (
            reach.path,
            f"{words.code('way_kinds', reach.kind)} {reach.way}",
            reach.tables.replace(";", ", "),
            ", ".join(dict.fromkeys(words.reason("right_grounds", g) for g in reach.grounds.split(";"))),
            words.number(reach.at_most),
        )
        for reach in facts.reach
    ]
    return make_grid(words, ("path", "way", "tables", "ground", "at_most"), rows, "ctctn", "reachable.csv")


def _unread_text(facts: Facts, words: Words) -> str:
    read = words.number(sum(file.read for file in facts.files))
    unread = sum(file.unread for file in facts.files)
    if not unread:
        return words.say("report.unread_none", read=read)
    return words.say("report.unread_text", read=read, unread=words.number(unread))


def _unread(facts: Facts, words: Words) -> Grid:
    rows = [
        (words.code("unread_reasons", reason), words.number(lines)) for reason, lines in facts.unread.items()
    ]
    return make_grid(words, ("reason", "lines"), rows, "tn", "summary.json")


def _signs(facts: Facts, words: Words) -> Grid:
    rows = [
        (
            words.code("signs", finding.rule),
            finding.technique,
            _time(finding.first_us, facts),
            _time(finding.last_us, facts),
            words.number(finding.findings),
            words.number(finding.events),
        )
        for finding in facts.findings
    ]
    heads = ("sign", "", "first_time", "last_time", "findings", "events")
    return make_grid(words, heads, rows, "tcddnn", "timeline.csv")


def _checks(words: Words) -> list[dict[str, str]]:
    commands = {
        "check_verify": "ashiato verify DIR",
        "check_explain": "ashiato explain DIR --person KEY",
        "check_export": "ashiato export DIR --to OUT",
    }
    return [{"command": command, "text": words.say(f"report.{key}")} for key, command in commands.items()]


def _files(facts: Facts, words: Words) -> Grid:
    rows = [_file(file, words) for file in facts.files]
    return make_grid(words, ("file", "format", "lines", "not_read", "sha256"), rows, "ctnnh", "summary.json")


def _file(file: FileFact, words: Words) -> tuple[str, ...]:
    lines, unread = words.number(file.lines), words.number(file.unread)
    return file.file, file.format or words.say("report.not_a_log"), lines, unread, file.sha256


def _rungs(words: Words) -> Grid:
    rows = [(rung.value, words.code("rungs", rung), words.code("rung_meanings", rung)) for rung in Rung]
    return make_grid(words, ("rung", "", "meaning"), rows, "ctt", "")


def _time(time_us: int, facts: Facts) -> str:
    return moment_of(time_us, facts.zone).strftime("%Y-%m-%d %H:%M:%S")
