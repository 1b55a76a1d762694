"""A decision as it was taken: its inputs frozen, what the rules said, who confirmed it and why.

The record holds the whole diary and the hashes of the files of rules; those files are kept beside it. So
"why did we not report" is answered later from the record alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ashiato.law.assessment import Assessment
from ashiato.law.changes import Changes, compare
from ashiato.law.diary_files import parse_diary
from ashiato.law.evaluating import assess
from ashiato.law.model import Rulebook
from ashiato.law.plain import assessment_as_plain, canonical
from ashiato.law.rulebook import rulebook_of
from ashiato.terms.errors import IntegrityError, LawError, Place

FORMAT = 1


@dataclass(frozen=True)
class Confirmation:
    """Who confirmed an assessment, in which capacity, and why."""

    by: str
    why: str


@dataclass(frozen=True)
class Replay:
    """A decision run again.

    ``same``: the frozen inputs give the same bytes; ``today``: under today's rules, and what ``changes``.
    """

    record: Mapping[str, Any]
    same: bool
    frozen: Assessment
    today: Assessment
    changes: Changes


def freeze(assessment: Assessment, confirmation: Confirmation) -> bytes:
    """Return the record of a decision: canonical JSON, the same for the same input."""
    if not confirmation.by.strip() or not confirmation.why.strip():
        raise LawError("a decision names who confirms it, and why", fix="give both --by and --why")
    diary = assessment.diary
    frozen = {
        "format": FORMAT,
        "as_of": assessment.as_of.isoformat(),
        "diary": {"file": diary.file, "text": diary.text, "sha256": diary.sha256},
        "rules": {place.file: place.sha256 for place in assessment.rulebook.places.values()},
        "versions": {name: rule.version for name, rule in sorted(assessment.rulebook.rules.items())},
        "outcome": assessment_as_plain(assessment),
        "confirmed": {"by": confirmation.by.strip(), "why": confirmation.why.strip()},
    }
    return canonical(frozen)


def replay(content: bytes, rules: Callable[[str], bytes], today: Rulebook) -> Replay:
    """Run a decision again from its own record.

    ``rules`` returns the bytes of a kept file of rules by its SHA-256. Raises IntegrityError when a kept
    file is not the one the decision names.
    """
    record = _read(content)
    diary = parse_diary(record["diary"]["text"], record["diary"]["file"])
    as_of = datetime.fromisoformat(record["as_of"])
    kept = rulebook_of((file, _kept(rules, sha256)) for file, sha256 in sorted(record["rules"].items()))
    frozen = assess(diary, kept, as_of)
    confirmed = Confirmation(record["confirmed"]["by"], record["confirmed"]["why"])
    now = assess(diary, today, as_of)
    return Replay(record, freeze(frozen, confirmed) == content, frozen, now, compare(frozen, now))


def _read(content: bytes) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads(content)
        if record["format"] <= FORMAT:
            return record
    except (ValueError, KeyError, TypeError) as error:
        raise IntegrityError("the decision cannot be read", fix="restore it from a copy") from error
    raise LawError(
        f"the decision has format {record['format']}; this program reads up to {FORMAT}",
        fix="replay it with that version, or a newer one",
    )


def _kept(rules: Callable[[str], bytes], sha256: str) -> bytes:
    content = rules(sha256)
    if hashlib.sha256(content).hexdigest() != sha256:
        what = "this kept file of rules is not the one the decision was taken by"
        raise IntegrityError(what, where=Place(f"{sha256}.yaml"), fix="restore it from a copy")
    return content
