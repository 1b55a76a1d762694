"""What operations answer and take: codes and keys, times in ISO 8601, both bounds of every count."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Path, Schema
from pydantic import Field, StringConstraints

Page = Annotated[int, Field(ge=1, le=1_000_000)]
Case = Path[Annotated[str, StringConstraints(pattern=r"^[-a-zA-Z0-9_]{1,64}$")]]
#: No database takes all controls, and no line of a ledger wants one.
PLAIN = r"^[^\x00-\x1f\x7f-\x9f]*$"
Word = Annotated[str, StringConstraints(max_length=200, pattern=PLAIN)]
Reason = Annotated[str, StringConstraints(min_length=5, max_length=400, strip_whitespace=True, pattern=PLAIN)]


class Paged(Schema):
    """One page of a list: its number, the last page's, and how many rows there are in all."""

    page: int
    last: int
    total: int


class Me(Schema):
    """Whose token this is, and what it may do at most."""

    name: str
    scopes: list[str]
    expires_at: datetime


class CaseShape(Schema):
    """A case, and what one is in it."""

    name: str
    added_at: datetime
    roles: list[str]


class CasePage(Paged):
    """Cases somebody has a role in, the newest first."""

    cases: list[CaseShape]


class Bounds(Schema):
    """A count: at least and at most (null: not known)."""

    at_least: int
    at_most: int | None


class StepShape(Schema):
    """One thing to do next, as a code."""

    key: str
    number: int
    name: str
    is_urgent: bool


class Overview(Schema):
    """A case at a glance; ``unit``: people, or records where none were matched to people."""

    name: str
    zone: str
    run: int | None
    is_stale: bool
    unit: str | None
    reached: Bounds | None
    grades: dict[str, Bounds]
    personas: dict[str, Bounds]
    unread_lines: int | None
    holes: int | None
    steps: list[StepShape]


class PeopleAsked(Schema):
    """What a list of people is narrowed by; an empty word narrows nothing."""

    search: Word = ""
    grade: Word = ""
    persona: Word = ""
    field: Word = ""
    page: Page = 1


class PersonShape(Schema):
    """One person who may have been reached: keys and codes, never a value."""

    person_id: str
    grade: str
    records: int
    personas: list[str]
    states: list[str]
    harm: int
    is_reachable: bool


class PeoplePage(Paged):
    """People, the most at stake first."""

    people: list[PersonShape]


class ReasonForLook(Schema):
    """Why somebody's values are looked at; kept in two ledgers."""

    id: Word
    reason: Reason


class FieldsShape(Schema):
    """Fields of a record that came as far, as surely."""

    grade: str
    rung: str
    part: str
    reasons: str
    names: list[str]


class LineShape(Schema):
    """A line of the evidence; ``text`` is masked unless a reason was given."""

    place: str
    role: str
    text: str


class EventShape(Schema):
    """One event that shows a record; ``alike``: how many more say the same."""

    time: str
    what: str
    alike: int
    lines: list[LineShape]


class PathShape(Schema):
    """One access path to a record."""

    path: str
    title: str
    fields: list[FieldsShape]
    events: list[EventShape]
    left_out: int


class RecordShape(Schema):
    """One record of a person, and what weighs on its grade."""

    record: str
    grade: str
    reasons: list[str]
    paths: list[PathShape]


class PersonTold(Schema):
    """All that explains one person's grade."""

    person_id: str
    is_masked: bool
    records: list[RecordShape]


class ExposureShape(Schema):
    """One field of one record by one access path: how far, how surely, why."""

    system: str
    table: str
    key: str
    path: str
    field: str
    grade: str
    rung: str
    reasons: str


class ExposurePage(Paged):
    """Exposures by system, table, key, path and field."""

    exposures: list[ExposureShape]


class ClockShape(Schema):
    """One duty that holds: to whom, by when, days left (negative: past)."""

    rule: str
    title: str
    state: str
    due: date | None
    days: int | None
    basis: str
    to: str


class Duties(Schema):
    """Duties as of a moment; ``has_diary``: whether any facts were written down."""

    as_of: datetime
    has_diary: bool
    duties: list[ClockShape]


class WaveShape(Schema):
    """A wave: how many people, and where it stands."""

    number: int
    people: int
    is_approved: bool
    is_stopped: bool
    not_before: datetime | None


class GateShape(Schema):
    """A closed gate."""

    kind: str
    why: str
    closed_by: str


class Notices(Schema):
    """Where everybody stands who is to be told; ``holds``: everybody is somewhere, once."""

    people: int
    delivered: int
    returned: int
    published: int
    lost: int
    holds: bool
    open: dict[str, int]
    excluded: dict[str, int]
    is_text_approved: bool
    in_doubt: int
    waves: list[WaveShape]
    gates: list[GateShape]


class SealedShape(Schema):
    """A sealed file; ``format`` and the lines are null where no run has read it."""

    file: str
    sha256: str
    bytes: int
    lines: int
    added_at: str
    custodian: str
    format: str | None
    unread: int | None


class EvidencePage(Paged):
    """Sealed files; those with most unread lines first."""

    files: list[SealedShape]


class RunShape(Schema):
    """A run that was asked for here, from the asking to its end."""

    number: int | None
    stand: str
    asked_by: str
    asked_at: datetime
    ended_at: datetime | None
    stage: str
    stage_done: int
    stage_total: int
    fault: str


class Runs(Schema):
    """The newest runs of a case, and the number of its newest answer."""

    answer: int | None
    runs: list[RunShape]


class EntryShape(Schema):
    """One entry of the server's ledger; people are named by a code under the case's key."""

    at: datetime
    staff: str
    verb: str
    about: str
    subject: str
    why: str
    chain: str


class LedgerPage(Paged):
    """Entries about a case, the newest first; ``broken``: the first entry that does not hold."""

    broken: int | None
    entries: list[EntryShape]


class CaseLedgerPage(Paged):
    """The case's own ledger, the newest entry first; ``flaws``: lines that are not as they were written."""

    flaws: list[str]
    entries: list[dict[str, Any]]


class AlarmShape(Schema):
    """Alarms of one kind and the same actors; ``people_at_least`` within ``window_s`` seconds."""

    number: int
    code: str
    system: str
    rule: str
    last_at: datetime
    people_at_least: int
    people_expected: int | None
    window_s: int
    alarms: int
    actors: int
    lines: list[str]
    acknowledged_by: str | None


class AlarmsPage(Paged):
    """Alarms of the case's systems, the latest first."""

    alarms: list[AlarmShape]


class PinShape(Schema):
    """What an analyst said of lines of the evidence; the newest run follows it where it came before."""

    place: str
    file: str
    line_first: int
    line_last: int
    verdict: str
    because: str
    analyst: str


class Pins(Schema):
    """All that was said and not taken back."""

    pins: list[PinShape]


class PinAsked(Schema):
    """What is said of the lines at a place (``FILE:LINE``, ``FILE:FIRST-LAST``), and why."""

    place: Word
    verdict: Literal["hostile", "honest"]
    because: Reason


class UnpinAsked(Schema):
    """The place of which what was said is taken back, and why."""

    place: Word
    because: Reason


class Pinned(Schema):
    """Of how many events the pinned lines tell."""

    events: int


class PairShape(Schema):
    """Two records that may be one person: what speaks for it and against it, what somebody said of it."""

    pair: str
    names: tuple[str, str]
    score: int
    agree: list[str]
    conflict: list[str]
    said: str
    is_put_off: bool


class PairsPage(Paged):
    """Pairs of the newest run, what nobody decided first; ``open``: how many those are."""

    open: int
    pairs: list[PairShape]


class PairDecided(Schema):
    """What is said of a pair, and why; the next run follows it."""

    pair: Word
    verdict: Literal["same", "different"]
    because: Reason


class Kept(Schema):
    """It is kept, in the ledgers of case and server."""

    is_kept: bool = True


class PlanShape(Schema):
    """A plan to stop somebody; ``reach``: honest people and routes touched at most, null where not known.

    ``targets``: how many stand how. ``asked``: what its machine is still to do.
    """

    number: int
    stand: str
    why: str
    proposed_by: str
    proposed_at: datetime
    until: datetime
    reach: int | None
    is_automatic: bool
    approvals: int
    approvals_needed: int
    targets: dict[str, int]
    asked: str
    looked_at: datetime | None
    applied_at: datetime | None
    verified_at: datetime | None
    ended_at: datetime | None


class PlansPage(Paged):
    """Plans for the case's systems, the newest first; ``is_halted``: nothing is done by itself."""

    is_halted: bool
    plans: list[PlanShape]


class PictureShape(Schema):
    """A picture's figures as a table."""

    name: str
    columns: list[str]
    rows: list[list[str | int]]


class TableShape(Schema):
    """One table with personal data: rows of this case, and of how many the time has come."""

    table: str
    event: str
    goes: list[str]
    removes_row: bool
    rows: int
    due: int


class QueueShape(Schema):
    """A queue of the desk."""

    queue: str
    open: int
    untaken: int
    late: int


class ContactShape(Schema):
    """A contact at the desk; nothing of who it is or what was said."""

    number: int
    way: str
    language: str
    at: datetime
    due_at: datetime
    stand: str
    queue: str
    reason: str
    taken_by: str | None


class DeskPage(Paged):
    """The desk's list: queues, and open contacts by when they are due."""

    is_open: bool
    queues: list[QueueShape]
    contacts: list[ContactShape]
