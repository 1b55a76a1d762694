"""What must be reported and what need not, confirmed by two persons and kept: the decision, and why."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from ashiato.engine.api import (
    Confirmed,
    Decision,
    confirm_duties,
    latest_run,
    list_confirmed,
    list_decisions,
    read_decision,
    read_kept_rules,
    record_decision,
    writing,
)
from ashiato.exports.duties.moved import tell_replay
from ashiato.exports.duties.parts import DutyWords
from ashiato.exports.duties.telling import tell_assessment
from ashiato.law.api import (
    Answer,
    Assessment,
    Confirmation,
    Duty,
    freeze,
    list_rule_files,
    load_rulebook,
    replay,
)
from ashiato.rooms.accounts.api import record_entry
from ashiato.rooms.cases.api import Permission
from ashiato.terms.approvals import APPROVALS_NEEDED, is_same_person
from ashiato.terms.errors import CaseError
from ashiato.web.console.clocks import CLOCKED, find_assessment
from ashiato.web.console.doing import done, moment_typed, refuse, try_it, typed
from ashiato.web.console.doors import CaseRequest, in_case
from ashiato.web.console.looking import is_reason
from ashiato.web.console.pages import page_of
from ashiato.web.console.proving import proven
from ashiato.web.wording import fact_words, screen_words

_NOBODY = Confirmation("-", "-")


@dataclass(frozen=True)
class NotReported:
    """A duty that does not hold, or not for certain: its title, the answer, and why."""

    title: str
    answer: str
    why: tuple[str, ...]


def told_of(here: CaseRequest, assessment: Assessment) -> dict[str, Any]:
    """Return what the page of duties tells of confirmations and decisions."""
    digest, kept = digest_of(assessment), list_decisions(here.case)
    decided = {each.assessment for each in kept}
    waiting = [each for each in list_confirmed(here.case) if each.sha256 not in decided]
    given = [each for each in waiting if each.sha256 == digest]
    # Where all have confirmed and the decision could not be kept, one of them sends the form again.
    mine = len(given) < APPROVALS_NEEDED and any(is_same_person(each.by, here.staff.name) for each in given)
    return {
        "moment": assessment.as_of,
        "as_of": assessment.as_of.isoformat(),
        "digest": digest,
        "waiting": waiting,
        "may_confirm": Permission.CONFIRM_DUTIES in here.may and digest not in decided and not mine,
        "decisions": list(reversed(kept)),
    }


def digest_of(assessment: Assessment) -> str:
    """Name an assessment with the facts and rules it rests on, whoever confirms it."""
    return hashlib.sha256(freeze(assessment, _NOBODY)).hexdigest()


@in_case(Permission.CONFIRM_DUTIES)
@proven
def confirm(here: CaseRequest) -> HttpResponse:
    """Confirm what was looked at; by the second person it is a decision."""
    request = here.request
    as_of, why = moment_typed(request, "as_of"), typed(request, "why")
    assessment = find_assessment(here.case, as_of)
    if assessment is None:
        raise Http404
    if not is_reason(why):
        refuse(request, "person.no_reason")
    elif digest_of(assessment) != typed(request, "digest"):
        refuse(request, "confirming.changed")
    else:
        given = try_it(request, lambda: _confirm(here, assessment, why))
        if given is not None:
            _tell(here, *given)
    return redirect("duties", here.file.name)


def _confirm(here: CaseRequest, assessment: Assessment, why: str) -> tuple[int, Decision | None]:
    """Note it in the case and on the server; with the second person's word, keep the decision.

    Returns how many have confirmed, and the decision once they are enough.
    """
    case, digest = here.case, digest_of(assessment)
    with writing(case):
        if any(each.assessment == digest for each in list_decisions(case)):
            raise CaseError("this is decided already", fix="see the decisions below")
        given = [each for each in list_confirmed(case) if each.sha256 == digest]
        if len(given) < APPROVALS_NEEDED:
            as_of = assessment.as_of.isoformat()
            given = confirm_duties(case, digest, as_of=as_of, by=here.staff.name, because=why)
            record_entry(here.staff, "duties confirmed", here.file.name, at=here.now, why=why)
        decided = _decide(here, assessment, given) if len(given) >= APPROVALS_NEEDED else None
    return len(given), decided


def _decide(here: CaseRequest, assessment: Assessment, given: list[Confirmed]) -> Decision:
    """Keep what was confirmed; broken off, it is done again by the next who sends the form."""
    case, names = here.case, ", ".join(each.by for each in given)
    reasons = " / ".join(f"{each.by}: {each.because}" for each in given)
    decided = record_decision(
        case,
        freeze(assessment, Confirmation(names, reasons)).decode(),
        {file: text.decode() for file, text in list_rule_files()},
        facts=assessment.diary.sha256,
        run=latest_run(case),
        assessment=digest_of(assessment),
    )
    record_entry(here.staff, "duties decided", here.file.name, at=here.now, why=reasons)
    return decided


def _tell(here: CaseRequest, count: int, decided: Decision | None) -> None:
    if decided is None:
        done(here.request, "confirming.one", number=count, needed=APPROVALS_NEEDED)
    else:
        done(here.request, "confirming.decided", number=decided.number)


@in_case(Permission.SEE_DUTIES)
def show_decision(here: CaseRequest, number: int) -> HttpResponse:
    """Show a decision as it was kept: who confirmed it, why, what is not reported and why not."""
    case, words = here.case, fact_words()
    if not 1 <= number <= len(list_decisions(case)):
        raise Http404
    again = replay(read_decision(case, number), lambda sha256: read_kept_rules(case, sha256), load_rulebook())
    told = page_of(here, "duties") | {
        "number": number,
        "confirmed": list(tell_replay(number, again, words)),
        "not_reported": list(_not_reported(again.frozen)),
        "lines": list(tell_assessment(again.frozen, words)),
    }
    return render(here.request, "console/decision.html", told)


def _not_reported(assessment: Assessment) -> Iterator[NotReported]:
    said = DutyWords(fact_words(), assessment.diary.zone)
    for duty in assessment.duties:
        if duty.rule.kind in CLOCKED and not duty.binds:
            answer = said.words.code("duty_answers", duty.answer)
            yield NotReported(said.text(duty.rule.title), answer, tuple(_why_not(duty, said)))


def _why_not(duty: Duty, said: DutyWords) -> Iterator[str]:
    words = screen_words()
    if duty.exempted_by:
        exemption = duty.exempted_by
        what = said.text(exemption.title)
        yield words.say("confirming.exempted", what=what, basis=exemption.basis)
    if duty.because:
        yield words.say("confirming.by_facts", facts=said.facts(duty.because))
    if duty.missing and duty.answer is Answer.NOT_KNOWN:
        yield words.say("confirming.missing", facts=said.names(duty.missing))
    if not (duty.exempted_by or duty.because or duty.missing):
        yield words.say("confirming.no_fact")
