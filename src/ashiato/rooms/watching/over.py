"""Is it over? Only where all the intruder could use is closed with proof, and the evidence reaches so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import IntegrityError, transaction

from ashiato.rooms.accounts.api import Staff, record_entry
from ashiato.rooms.cases.api import CaseFile
from ashiato.rooms.watching.footholds import Foothold, Footholds
from ashiato.rooms.watching.models import Closing
from ashiato.terms.errors import ServerError
from ashiato.terms.times import moment_of, us_of

_SHORTEST, _LONGEST = 10, 400


class Lacking(StrEnum):
    """Why it is not shown to be over."""

    STALE = "stale"
    NOTHING_FOUND = "nothing-found"
    OPEN = "open"
    EVIDENCE_ENDS = "evidence-ends"


@dataclass(frozen=True, slots=True)
class Closed:
    """Since when something is closed, when that was said, by whom and on what proof.

    ``plan``: of containment, which holds it as long as it is in force; nobody of staff said so then.
    """

    closed_at: datetime
    at: datetime
    who: str
    proof: str
    plan: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to be closed, and what says that it is."""

    foothold: Foothold
    closing: Closed | None

    @property
    def is_used_again(self) -> bool:
        """Whether the evidence shows it used after it was said closed."""
        return self.closing is not None and self.foothold.last_us > us_of(self.closing.closed_at)

    @property
    def is_closed(self) -> bool:
        """Whether it is closed, as far as anybody knows."""
        return self.closing is not None and not self.is_used_again


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether it is over: what lacks (None where nothing does), and when the window of exposure ends."""

    points: tuple[Point, ...]
    evidence_until_us: int | None
    lacking: Lacking | None

    @property
    def left(self) -> tuple[Point, ...]:
        """What is not closed."""
        return tuple(each for each in self.points if not each.is_closed)

    @property
    def last(self) -> Closed | None:
        """The closing that ends the window; None while anything is open."""
        closings = [each.closing for each in self.points if each.closing is not None]
        return max(closings, key=lambda each: each.closed_at) if closings and not self.left else None


def standing_over(case: CaseFile, shown: Footholds, held: Mapping[str, Closed] | None = None) -> Standing:
    """Return how what a run shows stands against what was said closed; ``held``: by plans, by foothold."""
    rows = Closing.objects.select_related("staff").filter(case=case, taken_back_at=None)
    said = {row.foothold: Closed(row.closed_at, row.at, row.staff.name, row.proof) for row in rows}
    points = tuple(_point(each, said.get(each.key), (held or {}).get(each.key)) for each in shown.found)
    return Standing(points, shown.evidence_until_us, _lacking(shown, points))


def _point(foothold: Foothold, said: Closed | None, held: Closed | None) -> Point:
    """The word of staff goes first, as it stays when a plan ends; and where the evidence belies both."""
    points = [Point(foothold, each) for each in (said, held) if each is not None]
    return next((each for each in points if each.is_closed), points[0] if points else Point(foothold, None))


def _lacking(shown: Footholds, points: tuple[Point, ...]) -> Lacking | None:
    if shown.is_stale:
        return Lacking.STALE
    if not points:
        return Lacking.NOTHING_FOUND
    if not all(each.is_closed for each in points):
        return Lacking.OPEN
    last = max(us_of(each.closing.closed_at) for each in points if each.closing is not None)
    reaches = shown.evidence_until_us is not None and shown.evidence_until_us >= last
    return None if reaches else Lacking.EVIDENCE_ENDS


@dataclass(frozen=True, slots=True)
class Proof:
    """Since when something is closed, by whose word and what."""

    closed_at: datetime
    words: str
    staff: Staff


@transaction.atomic
def close_foothold(case: CaseFile, shown: Footholds, key: str, proof: Proof, at: datetime) -> None:
    """Say that something is closed to the intruder, an entry of the ledger.

    Raises: ServerError: the run shows no such thing, or its use after that moment; the proof is too short;
    it is said closed already, or closed in the future.
    """
    found = next((each for each in shown.found if each.key == key), None)
    if found is None:
        raise ServerError("the newest run shows no such thing", fix="ashiato over DIR lists what it shows")
    _refuse(found, proof, at)
    Closing.objects.filter(case=case, foothold=key, closed_at__lt=moment_of(found.last_us)).update(
        taken_back_at=at, taken_back_by=proof.staff
    )
    said = {"closed_at": proof.closed_at, "proof": proof.words}
    try:
        with transaction.atomic():
            Closing.objects.create(case=case, foothold=key, run=shown.run, staff=proof.staff, at=at, **said)
    except IntegrityError:
        raise ServerError("it is said closed already", fix="take that back first") from None
    record_entry(proof.staff, "way closed", f"{case.name}: {found.kind} {key}", at=at, why=proof.words)


def _refuse(found: Foothold, proof: Proof, at: datetime) -> None:
    if not _SHORTEST <= len(proof.words) <= _LONGEST:
        what = f"a proof has {_SHORTEST} to {_LONGEST} characters"
        raise ServerError(what, fix="say what was done, who tried it, and where that is kept")
    if proof.closed_at > at:
        raise ServerError("it cannot be closed in the future", fix="say it once it is closed")
    if us_of(proof.closed_at) < found.last_us:
        last = moment_of(found.last_us).isoformat(timespec="seconds")
        raise ServerError(f"the evidence shows it used at {last}", fix="name a later moment, or close it now")


@transaction.atomic
def reopen_foothold(case: CaseFile, key: str, why: str, staff: Staff, at: datetime) -> bool:
    """Take back that something is closed, an entry of the ledger; False where nobody says so."""
    said = Closing.objects.filter(case=case, foothold=key, taken_back_at=None)
    if not said.update(taken_back_at=at, taken_back_by=staff):
        return False
    record_entry(staff, "way open again", f"{case.name}: {key}", at=at, why=why)
    return True
