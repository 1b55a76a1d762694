"""Whom a finished run says to tell: each person with own fields, contact and what they are, in a stream.

Comes in by ``engine.api`` alone. People are taken so many at a time: what is held does not grow with them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from ashiato.engine.api import ContactValue, Outcome, contact_values, form_birth
from ashiato.rooms.notifying.field_names import FieldNames
from ashiato.rooms.notifying.scope import PersonFound
from ashiato.rooms.notifying.states import Channel
from ashiato.terms.contacts import PersonState

_EACH = 100_000
_PERSONS = """
SELECT p.person_id, p.grade, p.personas, p.states, p.language, p.addressee_id,
       COALESCE(s.sensitivity, 0) AS sensitivity, s.harms, min(m.client) AS client
FROM persons AS p LEFT JOIN sensitivities AS s ON s.person_id = p.person_id
LEFT JOIN people AS e ON e.person_id = p.person_id
LEFT JOIN master AS m ON m.system = e.system AND m.table_name = e.table_name AND m.record_key = e.record_key
GROUP BY p.person_id, p.grade, p.personas, p.states, p.language, p.addressee_id, s.sensitivity, s.harms
ORDER BY p.person_id
"""
_FIELDS = """
SELECT e.person_id, e.system, e.fields FROM people AS e JOIN asked_fields AS a ON a.person_id = e.person_id
WHERE e.fields <> '' ORDER BY e.person_id, e.system, e.table_name, e.record_key
"""
#: A person's ways as the run names them -> ours, best first: what stays in the hand, what comes at once.
_CHANNELS = (
    ("mail", Channel.EMAIL),
    ("letter", Channel.LETTER),
    ("mobile", Channel.SMS),
    ("phone", Channel.CALL),
)
#: Who is not told by a campaign, and why; the heirs of the dead are a matter for people.
_EXCLUDED = (PersonState.DECEASED,)


@dataclass(frozen=True)
class Asking:
    """What the plan asks: in which language where none is told, in which order of channels, why it looks."""

    language: str
    channels: Sequence[str]
    reason: str = "plan of notices"


def count_persons(outcome: Outcome) -> int:
    """Return how many people the run names."""
    return int(outcome.store.rows("SELECT count(*) FROM persons")[0][0])


def is_exact(outcome: Outcome) -> bool:
    """Tell whether nobody may yet turn out to be somebody else: else there are at most so many people."""
    open_pairs = outcome.store.rows("SELECT count(*) FROM persons WHERE widest_person_id <> person_id")
    return not open_pairs[0][0]


def people_of(outcome: Outcome, asking: Asking) -> Iterator[PersonFound]:
    """Yield everybody of whom a record is possible at least, in the order of their ids."""
    names = FieldNames(outcome.datamap)
    for batch in outcome.store.batches(_PERSONS, _EACH):
        rows = batch.to_pylist()
        ids = [row["person_id"] for row in rows]
        fields = _fields(outcome, ids)
        asked = {*ids, *(row["addressee_id"] or row["person_id"] for row in rows)}
        ways = _ways(outcome, asked, asking.reason)
        for row in rows:
            told = names.told(fields.get(row["person_id"], ()))
            yield _found(row, told, ways, asking)


def _fields(outcome: Outcome, ids: list[str]) -> dict[str, list[tuple[str, str]]]:
    outcome.store.write_as("asked_fields", pa.table({"person_id": pa.array(ids, pa.string())}))
    held: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for batch in outcome.store.batches(_FIELDS, _EACH):
        for row in batch.to_pylist():
            held[row["person_id"]].append((row["system"], row["fields"]))
    return held


def _ways(outcome: Outcome, persons: set[str], reason: str) -> dict[str, list[ContactValue]]:
    held: dict[str, list[ContactValue]] = defaultdict(list)
    for value in contact_values(outcome, persons, reason):
        held[value.person_id].append(value)
    return held


def _found(
    row: dict[str, Any],
    told: tuple[dict[str, Any], ...],
    ways: dict[str, list[ContactValue]],
    asking: Asking,
) -> PersonFound:
    addressee = row["addressee_id"] or row["person_id"]
    own, those = ways.get(row["person_id"], []), ways.get(addressee, [])
    has = {each.channel for each in those}
    usable = {str(ours) for theirs, ours in _CHANNELS if theirs in has}
    states = (row["states"] or "").split(";")
    return PersonFound(
        person_id=row["person_id"],
        grade=row["grade"],
        fields=told,
        contact=_contact(own, those, addressee != row["person_id"])
        | {"company": str(PersonState.COMPANY) in states},
        harms=tuple(each.partition("=")[0] for each in filter(None, (row["harms"] or "").split(";"))),
        channels=tuple(each for each in asking.channels if each in usable),
        persona=(row["personas"] or "").partition(";")[0],
        sensitivity=row["sensitivity"],
        region=next((each.area for each in those if each.area), "")[:40],
        client=row["client"] or "",
        language=row["language"] if row["language"] in ("ja", "en") else asking.language,
        excluded=next((str(each) for each in _EXCLUDED if each in states), ""),
    )


def _contact(own: list[ContactValue], those: list[ContactValue], is_guarded: bool) -> dict[str, Any]:
    first: dict[str, ContactValue] = {}
    for each in those:
        first.setdefault(each.channel, each)
    named = [each.name for each in (*own, *those) if each.name]
    letter = first.get("letter")
    return {
        "name": named[0] if named else "",
        "kana": next((each.reading for each in own if each.reading), ""),
        "born": next((str(day) for each in own if (day := form_birth(each.born))), ""),
        "post_code": letter.postal_code if letter else "",
        "lines": [part for part in (letter.area + letter.said,) if part] if letter else [],
        "email": first["mail"].said if "mail" in first else "",
        "phone": next((first[each].said for each in ("mobile", "phone") if each in first), ""),
        "guardian": is_guarded,
        "guardian_name": next((each.name for each in those if each.name), "") if is_guarded else "",
    }
