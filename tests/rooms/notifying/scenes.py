"""A campaign to tell people in: who is in it, who approves it, and an outside that remembers what it took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ashiato.outside.messages.outcomes import Accepted, NotAccepted
from ashiato.rooms.accounts.api import Staff, add_staff
from ashiato.rooms.cases.models import CaseFile
from ashiato.rooms.notifying.models import Campaign, Notice
from ashiato.rooms.notifying.scope import PersonFound
from ashiato.rooms.notifying.services import claiming, recording, working
from ashiato.rooms.notifying.services.approving import approve_text, approve_wave
from ashiato.rooms.notifying.services.gating import make_gates
from ashiato.rooms.notifying.services.planning import Planner
from ashiato.rooms.notifying.services.reconciling import Answers
from ashiato.rooms.notifying.services.waving import Desk, draft_waves
from ashiato.rooms.notifying.states import State

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
DESK = Desk(agents=1000)


def campaign(text: str = "a" * 64) -> Campaign:
    """A campaign whose text two persons approved."""
    case = CaseFile.objects.create(name="case", folder="cases/case", added_at=AT)
    made = Campaign.objects.create(case=case, duty="tell-people", made_at=AT, text_digest=text)
    make_gates(made, AT)
    for staff in approvers():
        approve_text(made, staff, AT)
    return made


def approvers() -> tuple[Staff, Staff]:
    """Aoi leads, Ben approves."""
    return add_staff("aoi"), add_staff("ben")


def person(name: str, *channels: str, words: str = "birth date", excluded: str = "") -> PersonFound:
    """Somebody found by a run."""
    return PersonFound(
        person_id=name,
        grade=4,
        fields=({"label": words, "grade": 4},),
        contact={"name": name, "email": f"{name}@example.jp"},
        channels=channels,
        excluded=excluded,
    )


def addressed(name: str, *channels: str) -> PersonFound:
    """Somebody with all that a letter, a mail or a short message needs; by letter where nothing is said."""
    return PersonFound(
        person_id=name,
        grade=4,
        fields=({"ja": "お名前", "en": "name", "category": "identity", "grade": 4},),
        contact={
            "name": name, "kana": "", "post_code": "160-0000", "lines": ["東京都新宿区架空1-2-3"],
            "email": "hanako@example.jp", "phone": "090-1234-5678", "guardian": False, "guardian_name": "",
            "company": False,
        },
        channels=channels or ("letter",),
    )  # fmt: skip


def plan(made: Campaign, people: Iterable[PersonFound], run: int = 1) -> Planner:
    """Take people into a campaign."""
    planner = Planner(made, run, AT)
    planner.take(people)
    return planner


def release(made: Campaign, desk: Desk = DESK) -> None:
    """Put everybody who waits into waves that two persons approved."""
    for wave in draft_waves(made, desk, AT):
        for staff in approvers():
            approve_wave(wave, staff, AT)


def hand_all(made: Campaign) -> None:
    """Everybody whose wave is approved is told."""
    worker = working.enlist("w", machine="m", lock_file="", at=AT)
    claimed = claiming.claim(worker, claiming.Wanted(made, ("letter", "email"), 10, AT))
    handed = [recording.Offered(each.pk, State.HANDED, "taken", "batch", "d" * 64) for each in claimed]
    recording.record_offered(worker, handed, AT)


@dataclass
class TestClock:
    """A clock that stands still but for waits."""

    __test__ = False
    moment: datetime = AT
    seconds: float = 0.0

    def now(self) -> datetime:
        """Return the moment."""
        return self.moment

    def steady(self) -> float:
        """Return the seconds waited."""
        return self.seconds

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.seconds += seconds


@dataclass
class Outside:
    """What the outside took, by our reference; it answers what it knows, and never forgets."""

    took: Counter[str] = field(default_factory=Counter)
    later: timedelta = timedelta(0)

    def take(self, notice: Notice) -> None:
        """Take a message over."""
        self.took[notice.reference] += 1

    def find_all(self, attempts: Mapping[str, datetime | None]) -> Answers:
        """Answer as a provider does."""
        no = NotAccepted("never seen", permanent=False)
        return {each: Accepted(f"id-{each[:8]}") if self.took[each] else no for each in attempts}
