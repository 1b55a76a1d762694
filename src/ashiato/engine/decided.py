"""Decisions on duties, kept in the case and pinned in the ledger: what was decided, by which rules.

``decisions/0001.json`` is a decision's record, ``decisions/rules/<sha256>.yaml`` each file of rules it was
taken by, kept once. The ledger's entry holds hashes alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from ashiato.engine.case import Case, write_whole
from ashiato.engine.fingerprints import fingerprint_of
from ashiato.engine.ledger import list_entries
from ashiato.terms.approvals import is_same_person
from ashiato.terms.errors import CaseError, IntegrityError, Place

DECIDED = "duties decided"
CONFIRMED = "duties confirmed"
FOLDER = "decisions"


@dataclass(frozen=True)
class Decision:
    """One decision as the ledger knows it: its number, when it was recorded, its files and their hashes.

    ``assessment``: the hash by which it was confirmed by several; "" where one person recorded it.
    """

    number: int
    time: str
    name: str
    files: Mapping[str, str]
    assessment: str = ""


def record_decision(
    case: Case,
    content: str,
    rules: Mapping[str, str],
    *,
    facts: str,
    run: int | None = None,
    assessment: str = "",
) -> Decision:
    """Keep a decision's record and the files of rules (text by name), and pin them in the ledger.

    ``facts``: the SHA-256 of the diary. ``run``: the finished run its counts may come from. ``assessment``:
    what was confirmed, as ``confirm_duties`` names it. The caller holds the case.
    """
    number = len(list_entries(case.folder, DECIDED)) + 1
    folder = case.folder / FOLDER
    (folder / "rules").mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = {name: _keep_rules(case, text) for name, text in sorted(rules.items())}
    name = f"{FOLDER}/{number:04d}.json"
    write_whole(case.folder / name, content)
    case.record(
        DECIDED,
        inputs={"facts": facts, "rules": kept}
        | ({} if run is None else {"run": run})
        | ({"assessment": assessment} if assessment else {}),
        results={"decision": name, "sha256": fingerprint_of(case.folder / name).sha256},
    )
    return get_decision(case, number)


@dataclass(frozen=True)
class Confirmed:
    """One person's word on an assessment: of which it is (its hash), as of when it speaks, why, and when."""

    sha256: str
    as_of: str
    by: str
    because: str
    time: str


def confirm_duties(case: Case, sha256: str, *, as_of: str, by: str, because: str) -> list[Confirmed]:
    """Note that a person confirms an assessment; returns all who have confirmed this one.

    ``sha256``: of the assessment with its facts and rules. Raises CaseError: this person has confirmed it
    already. The caller holds the case.
    """
    given = [each for each in list_confirmed(case) if each.sha256 == sha256]
    if any(is_same_person(each.by, by) for each in given):
        raise CaseError(f"{by} has confirmed this already", fix="another person confirms it")
    case.record(CONFIRMED, inputs={"as_of": as_of, "by": by, "because": because}, results={"sha256": sha256})
    return [each for each in list_confirmed(case) if each.sha256 == sha256]


def list_confirmed(case: Case) -> list[Confirmed]:
    """Return every confirmation that the ledger knows, oldest first."""
    return [
        Confirmed(
            entry["results"]["sha256"],
            entry["inputs"]["as_of"],
            entry["inputs"]["by"],
            entry["inputs"]["because"],
            entry["time"],
        )
        for entry in list_entries(case.folder, CONFIRMED)
    ]


def list_decisions(case: Case) -> list[Decision]:
    """Return the decisions that the ledger knows, oldest first."""
    return [
        Decision(
            number,
            entry["time"],
            entry["results"]["decision"],
            {entry["results"]["decision"]: entry["results"]["sha256"]}
            | {_rules_name(sha256): sha256 for sha256 in entry["inputs"]["rules"].values()},
            entry["inputs"].get("assessment", ""),
        )
        for number, entry in enumerate(list_entries(case.folder, DECIDED), 1)
    ]


def get_decision(case: Case, number: int) -> Decision:
    """Return one decision by its number, 1-based; CaseError when there is none."""
    decisions = list_decisions(case)
    if not 1 <= number <= len(decisions):
        what = f"there is no decision {number}; the case has {len(decisions)}"
        fix = "record one with `ashiato duties DIR --record --by NAME --why TEXT`"
        raise CaseError(what, where=Place(str(case.folder)), fix=fix)
    return decisions[number - 1]


def read_decision(case: Case, number: int) -> bytes:
    """Return the record of a decision; IntegrityError when it is not as the ledger pins it."""
    decision = get_decision(case, number)
    return _read_pinned(case, decision.name, decision.files[decision.name])


def read_kept_rules(case: Case, sha256: str) -> bytes:
    """Return a kept file of rules by its SHA-256; IntegrityError when it is another or gone."""
    return _read_pinned(case, _rules_name(sha256), sha256)


def _rules_name(sha256: str) -> str:
    return f"{FOLDER}/rules/{sha256}.yaml"


def _keep_rules(case: Case, text: str) -> str:
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    path = case.folder / _rules_name(sha256)
    if not path.exists():
        write_whole(path, text)
    return sha256


def _read_pinned(case: Case, name: str, sha256: str) -> bytes:
    path = case.folder / name
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise IntegrityError(
            "this file is not as it was recorded, or is gone",
            where=Place(str(path)),
            fix="run `ashiato verify` on the case, and restore the file from its copy",
        )
    return content
