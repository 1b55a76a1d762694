"""An analyst's word on lines of the evidence, taken into the case and its ledger."""

from __future__ import annotations

import re

from ashiato.engine.case import Case, writing
from ashiato.engine.fingerprints import fingerprint_of
from ashiato.engine.pins import PINS_FILE, Pin, read_pins, write_pins
from ashiato.engine.runs import find_answer
from ashiato.engine.store import Store
from ashiato.terms.errors import CaseError, Place

PINNED, TAKEN_BACK = "pin", "unpin"
_PLACE = re.compile(r"(?P<file>.+):(?P<sign>#?)(?P<first>\d{1,15})(?:-(?P<last>\d{1,15}))?")
_FILE = """
    SELECT evidence.evidence_id, coalesce(twin.label, ''), coalesce(evidence.content_lines, 0),
        coalesce(readings.source_format LIKE '%-array', false)
    FROM evidence LEFT JOIN readings ON readings.evidence_id = evidence.evidence_id
    LEFT JOIN evidence AS twin ON twin.evidence_id = evidence.duplicate_of
    WHERE evidence.label = ?
"""
_EVENTS = """
    SELECT count(DISTINCT event_id) FROM witnesses
    WHERE evidence_id = ? AND line_first <= ? AND line_last >= ?
"""
_UNREAD = "SELECT min(reason) FROM unread WHERE evidence_id = ? AND line_first <= ? AND line_last >= ?"
_AS_CITED = "name it as intrusion.csv does: FILE:LINE, FILE:FIRST-LAST, or FILE:#NUMBER"


def pin_lines(case: Case, place: str, verdict: str, because: str, analyst: str) -> int:
    """Keep what an analyst decided of the lines at a place; return how many events they tell of.

    A later word on the same place takes the place of an earlier one. Raises CaseError: there is no such file
    or line, the line tells of no event, or nothing has been investigated yet.
    """
    if not because.strip():
        raise CaseError("a pin needs a reason", where=Place(place), fix="say it: --because TEXT")
    with writing(case):
        pin, events = _find(case, place, verdict, because.strip(), analyst)
        kept = [each for each in read_pins(case.folder) if each.place != pin.place]
        path = write_pins(case.folder, [*kept, pin])
        said = {"place": place, "verdict": verdict, "analyst": analyst, "because": pin.because}
        case.record(PINNED, inputs=said, results={"events": events, PINS_FILE: fingerprint_of(path).sha256})
    return events


def take_back(case: Case, place: str, because: str, analyst: str) -> str:
    """Take back the pin at a place; the ledger keeps both. Returns the entry's hash.

    Raises CaseError: there is none.
    """
    with writing(case):
        pins = read_pins(case.folder)
        kept = [pin for pin in pins if pin.place != place]
        if len(kept) == len(pins):
            places = ", ".join(pin.place for pin in pins) or "none"
            raise CaseError("there is no pin here", where=Place(place), fix=f"the case's pins: {places}")
        path = write_pins(case.folder, kept)
        said = {"place": place, "analyst": analyst, "because": because}
        return case.record(TAKEN_BACK, inputs=said, results={PINS_FILE: fingerprint_of(path).sha256})


def _find(case: Case, place: str, verdict: str, because: str, analyst: str) -> tuple[Pin, int]:
    found = _PLACE.fullmatch(place)
    if found is None:
        raise CaseError("this names no line", where=Place(place), fix=_AS_CITED)
    run = find_answer(case)
    if run is None:
        fix = f"run `ashiato investigate {case.folder}` first"
        raise CaseError("nothing has been read yet", where=Place(str(case.folder)), fix=fix)
    with Store(run.folder) as store:
        held = store.rows(_FILE, [found["file"]])
        if not held:
            raise CaseError("the evidence has no such file", where=Place(found["file"]), fix=_AS_CITED)
        evidence_id, twin, lines, is_array = held[0]
        # Elements of a JSON array are shown from 0 and kept from 1.
        base = 1 if is_array else 0
        first = int(found["first"]) + base
        last = int(found["last"] or found["first"]) + base
        (events,) = store.rows(_EVENTS, [evidence_id, last, first])[0]
        if not events:
            ((reason,),) = store.rows(_UNREAD, [evidence_id, last, first])
            raise _nothing_there(found["file"], first, lines, twin, reason)
    return Pin(place, found["file"], first, last, verdict, because, analyst), events


def _nothing_there(file: str, line: int, lines: int, twin: str, reason: str | None) -> CaseError:
    """Say why no event is told at a line."""
    where = Place(file, line)
    if twin:
        return CaseError(
            "this file holds the same as another, which was read", where=where, fix=f"name {twin}"
        )
    if reason:
        return CaseError(
            f"this line was never read: {reason}", where=where, fix="no event can be pinned there"
        )
    if line > lines:
        return CaseError(f"there is no such line: the file has {lines}", where=where, fix=_AS_CITED)
    return CaseError("this line tells of no event", where=where, fix=_AS_CITED)
