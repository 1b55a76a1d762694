"""An assessment line by line: headings, duties with their grounds, and everything that is not known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ashiato.exports.duties.parts import DutyWords
from ashiato.exports.words import Words
from ashiato.law.api import Answer, Assessment, Duty, Reliance

#: Depth of a line (0: a heading) and its text.
Line = tuple[int, str]


def tell_assessment(assessment: Assessment, words: Words) -> Iterator[Line]:
    """Yield what the rules say, the most pressing first."""
    said = DutyWords(words, assessment.diary.zone)
    yield 0, said.say("as_of", moment=said.moment(assessment.as_of))
    if assessment.diary.name:
        yield 1, said.say("case", name=assessment.diary.name)
    yield 0, said.say("heading_binding")
    binding = assessment.binding
    if not binding:
        yield 1, said.say("nothing")
    for duty in binding:
        yield from _tell_binding(duty, assessment, said)
    for heading, lines in _SECTIONS:
        told = list(lines(assessment, said))
        if told:
            yield 0, said.say(heading)
            yield from told


def _tell_binding(duty: Duty, assessment: Assessment, said: DutyWords) -> Iterator[Line]:
    kind = said.words.code("duty_kinds", duty.rule.kind)
    title = f"{said.text(duty.rule.title)} [{kind}]"
    yield 1, f"{title}: {said.end_of(duty, assessment.as_of)}"
    yield 2, said.text(duty.rule.says)
    if duty.reliance is not Reliance.RELIED:
        yield 2, said.say("remark", what=said.words.code("duty_reliance", duty.reliance))
    yield from _tell_recipients(duty, said)
    if duty.done is None:
        yield from _tell_readings(duty, said)
    if duty.because:
        yield 2, said.say("because", facts=said.facts(duty.because))
    if duty.since:
        yield 2, said.say("since", moment=said.known(duty.since))
    if duty.missing:
        yield 2, said.say("missing", facts=said.names(duty.missing))
    yield from _tell_exemptions(duty, said)
    yield from _tell_content(duty, said)
    yield from ((2, said.say("remark", what=said.text(remark.text))) for remark in duty.remarks)
    yield from _tell_source(duty, said)


def _tell_recipients(duty: Duty, said: DutyWords) -> Iterator[Line]:
    if duty.recipients:
        names = said.say("or").join(said.text(recipient.title) for recipient in duty.recipients)
        yield 2, said.say("to", names=names)
    if duty.recipients_missing:
        yield 2, said.say("to_missing", facts=said.names(duty.recipients_missing))
    for recipient in duty.recipients:
        if recipient.remark:
            yield 2, said.say("remark", what=said.text(recipient.remark))


def _tell_readings(duty: Duty, said: DutyWords) -> Iterator[Line]:
    for number, reading in enumerate(duty.readings):
        if reading.why:
            key = "reading" if number else "first_reading"
            yield 2, said.say(key, due=said.due(reading), why=said.why(reading))


def _tell_exemptions(duty: Duty, said: DutyWords) -> Iterator[Line]:
    for found in duty.exempt_if:
        key = "exempt_if" if found.exemption.enabled else "exempt_not_relied"
        yield 2, said.say(key, what=said.text(found.exemption.title))


def _tell_content(duty: Duty, said: DutyWords) -> Iterator[Line]:
    if duty.rule.content:
        items = (f"{item.number} {said.text(item.title)}" for item in duty.rule.content)
        yield 2, said.say("content", items=said.words.say("explain.comma").join(items))
    if duty.substitute_open:
        what = said.say("or").join(map(said.text, duty.rule.substitute))
        yield 2, said.say("substitute", what=what)


def _tell_source(duty: Duty, said: DutyWords) -> Iterator[Line]:
    source = duty.rule.source
    yield 2, said.say("basis", basis=said.words.say("explain.comma").join(duty.rule.basis))
    yield (
        2,
        said.say(
            "source",
            title=source.title,
            section=source.section,
            grade=source.grade,
            day=source.checked_on,
        ),
    )


def _situations(assessment: Assessment, said: DutyWords) -> Iterator[Line]:
    for duty in assessment.situations:
        yield 1, said.text(duty.rule.title)
        if duty.because:
            yield 2, said.say("because", facts=said.facts(duty.because))
        yield from _tell_exemptions(duty, said)
        yield from ((2, said.say("remark", what=said.text(remark.text))) for remark in duty.remarks)


def _unknown(assessment: Assessment, said: DutyWords) -> Iterator[Line]:
    for duty in assessment.duties:
        title = said.text(duty.rule.title)
        if duty.answer is Answer.NOT_KNOWN and duty.reliance is Reliance.RELIED:
            yield 1, said.say("decided_by", title=title, facts=said.names(duty.missing))
            yield from ((2, said.say("remark", what=said.text(r.text))) for r in duty.remarks)
        elif duty.exempted_by:
            told = said.say("exempted", what=said.text(duty.exempted_by.title), basis=duty.exempted_by.basis)
            yield 1, f"{title}: {told}"


def _unverified(assessment: Assessment, said: DutyWords) -> Iterator[Line]:
    """Rules that speak to these facts and cannot be relied on: named, never left out."""
    for duty in assessment.duties:
        if duty.reliance is Reliance.RELIED or duty.binds or duty.answer is Answer.DOES_NOT:
            continue
        end = said.end_of(duty, assessment.as_of)
        answer = said.words.code("duty_answers", duty.answer)
        yield 1, f"{said.text(duty.rule.title)}: {answer}; {end}"
        why = duty.rule.disabled if duty.reliance is Reliance.DISABLED else None
        yield 2, said.text(why) if why else said.words.code("duty_reliance", duty.reliance)
        yield 2, said.text(duty.rule.says)
        if duty.missing:
            yield 2, said.say("missing", facts=said.names(duty.missing))


def _contradictions(assessment: Assessment, said: DutyWords) -> Iterator[Line]:
    for found in assessment.contradictions:
        yield 1, said.text(found.text)
        yield 2, said.facts(found.facts)


def _elsewhere(assessment: Assessment, said: DutyWords) -> Iterator[Line]:
    for entry in assessment.known_elsewhere:
        yield (
            1,
            said.say(
                "elsewhere",
                party=said.words.code("duty_parties", entry.party),
                by=entry.by or "-",
                known=said.known(entry.known),
                facts=said.names(entry.sets),
                line=entry.where.line,
            ),
        )


def _places(assessment: Assessment, said: DutyWords) -> Iterator[Line]:
    for code in assessment.places_without_rules:
        yield 1, said.say("no_rules", place=code)
    for place in assessment.places_open:
        yield 1, said.say("place_open", place=said.text(place.title), code=place.code)


_SECTIONS: Iterable[tuple[str, Callable[[Assessment, DutyWords], Iterator[Line]]]] = (
    ("heading_situations", _situations),
    ("heading_unknown", _unknown),
    ("heading_unverified", _unverified),
    ("heading_contradictions", _contradictions),
    ("heading_elsewhere", _elsewhere),
    ("heading_places", _places),
)
