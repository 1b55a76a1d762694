"""What to do next in a case: read off what is missing, what waits for a decision, and what falls due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ashiato.engine.api import list_sealed
from ashiato.rooms.notifying.api import Campaign, closing_sum, find_campaign, standing_of
from ashiato.web.console.answers import Answer
from ashiato.web.console.clocks import Clock
from ashiato.web.console.doors import CaseRequest


@dataclass(frozen=True)
class Step:
    """One thing to do: the key of its words, how many, whose name, and on which page it is done."""

    key: str
    number: int = 0
    name: str = ""
    page: str = ""
    is_urgent: bool = False


def next_steps(here: CaseRequest, answer: Answer | None, clocks: list[Clock] | None) -> list[Step]:
    """Return what to do next, the most pressing first."""
    steps = [*_of_run(here, answer), *_of_duties(clocks), *_of_people(answer), *_of_notices(here, answer)]
    return sorted(steps, key=lambda step: not step.is_urgent)


def _of_run(here: CaseRequest, answer: Answer | None) -> Iterator[Step]:
    if not list_sealed(here.case.folder):
        yield Step("add_evidence", page="evidence", is_urgent=True)
    elif answer is None:
        yield Step("start_run", page="runs", is_urgent=True)
    elif answer.is_stale:
        yield Step("run_again", page="runs", is_urgent=True)


def _of_duties(clocks: list[Clock] | None) -> Iterator[Step]:
    if clocks is None:
        yield Step("write_diary", page="duties")
        return
    for clock in clocks:
        if clock.state in ("past", "urgent"):
            yield Step(f"duty_{clock.state}", abs(clock.days or 0), clock.title, "duties", is_urgent=True)


def _of_people(answer: Answer | None) -> Iterator[Step]:
    people = answer.facts.people if answer else None
    if people and people.open_reviews:
        yield Step("decide_pairs", people.open_reviews, page="reviews")


def _of_notices(here: CaseRequest, answer: Answer | None) -> Iterator[Step]:
    campaign = find_campaign(here.case.folder)
    if campaign is None:
        if answer and answer.facts.people and answer.facts.people.reached.at_most:
            yield Step("plan_notices", page="notices")
        return
    yield from _of_campaign(campaign)


def _of_campaign(campaign: Campaign) -> Iterator[Step]:
    standing, closing = standing_of(campaign), closing_sum(campaign)
    if not closing.holds:
        yield Step("sum_broken", closing.lost, page="notices", is_urgent=True)
    if standing.in_doubt:
        yield Step("settle_doubts", standing.in_doubt, page="notices", is_urgent=True)
    if not standing.is_text_approved:
        yield Step("approve_text", page="notices")
    if not standing.waves and standing.notices:
        yield Step("make_waves", page="notices")
    waiting = [wave for wave in standing.waves if not wave["is_approved"] and not wave["is_stopped"]]
    if waiting:
        yield Step("approve_wave", int(waiting[0]["number"]), page="notices")
    if standing.gates:
        yield Step("gate_closed", len(standing.gates), page="notices", is_urgent=True)
