"""A human's word on two records: noted in the case, replayed by the next run.

The decisions stand in the case's ``pairs-decided.jsonl``, and the ledger holds who decided, why, and the
file's hash; it names the pair by a code under the case's key, as it names a person who was looked at.
"""

from __future__ import annotations

import json

from ashiato.engine.case import PAIRS_FILE, Case, write_whole, writing
from ashiato.engine.fingerprints import fingerprint_of
from ashiato.engine.looks import code_of
from ashiato.engine.store import Store
from ashiato.terms.errors import CaseError

DECIDED = "people decide"
_FIND = """
SELECT pair, system, table_name, record_key, other_system, other_table_name, other_record_key
FROM match_reviews WHERE pair = ?
"""


def decide_pair(case: Case, store: Store, pair: str, verdict: str, *, by: str, because: str) -> str:
    """Note that the two records of a pair are the ``same`` human or ``different``; return the entry's hash.

    ``store``: the run that asked. Raises CaseError: it has no such pair.
    """
    rows = store.rows(_FIND, [pair])
    if not rows:
        raise CaseError("this run has no such pair", fix="take a pair from `ashiato people`")
    _, *records = rows[0]
    line = {"pair": pair, "one": records[:3], "other": records[3:], "verdict": verdict, "by": by}
    with writing(case):
        path = case.folder / PAIRS_FILE
        held = path.read_text(encoding="utf-8") if path.exists() else ""
        text = json.dumps({**line, "because": because}, ensure_ascii=False, sort_keys=True)
        write_whole(path, f"{held}{text}\n")
        named = {"pair": code_of(case, pair), "by": by, "because": because}
        results = {"verdict": verdict, PAIRS_FILE: fingerprint_of(path).sha256}
        return case.record(DECIDED, inputs=named, results=results)


def list_verdicts(case: Case) -> dict[str, str]:
    """Return the last word on each pair that a human decided, by the pair's name."""
    path = case.folder / PAIRS_FILE
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    told = (json.loads(line) for line in lines if line)
    return {each["pair"]: each["verdict"] for each in told}
