"""The ledger: what was done to the case, on what, with which version, with what result. Names no person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from pathlib import Path
from typing import Any

from ashiato import __version__
from ashiato.engine.chain import Body, Flaw, append_link, check_links, read_links
from ashiato.terms.times import iso_of

LEDGER = "ledger.jsonl"


def record_entry(
    case_folder: Path,
    action: str,
    time_us: int,
    *,
    inputs: Mapping[str, Any],
    results: Mapping[str, Any],
) -> str:
    """Write one entry, forced to disk, and return its hash.

    ``inputs`` and ``results`` map names of files or tables to hashes, or to counts; never to content.
    """
    body = {
        "action": action,
        "time": iso_of(time_us, UTC),
        "version": __version__,
        "inputs": dict(inputs),
        "results": dict(results),
    }
    return append_link(case_folder / LEDGER, body)


def list_entries(case_folder: Path, action: str | None = None) -> list[Body]:
    """Return the entries in order: ``{seq, time, action, version, inputs, results, prev, hash}``."""
    entries = read_links(case_folder / LEDGER)
    return [entry for entry in entries if action is None or entry["action"] == action]


def check_chain(case_folder: Path) -> list[Flaw]:
    """Return each line of the ledger that is not as it was written."""
    return check_links(case_folder / LEDGER)
