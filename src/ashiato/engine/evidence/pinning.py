"""How far the ledger vouches for the manifest."""

from __future__ import annotations

from pathlib import Path

from ashiato.engine.chain import START, Body, read_links
from ashiato.engine.ledger import list_entries
from ashiato.engine.sealed import MANIFEST

ADDED = "evidence add"


def pinned_head(case_folder: Path) -> str:
    """Return the manifest's head as the ledger last recorded it; 64 zeros before the first entry."""
    entries = list_entries(case_folder, ADDED)
    return str(entries[-1]["results"]["manifest"]) if entries else START


def links_after(case_folder: Path, head: str) -> list[Body]:
    """Return the manifest's entries after the one with this hash; all of them when none has it."""
    links = read_links(case_folder / MANIFEST)
    places = [place for place, link in enumerate(links, 1) if link["hash"] == head]
    return links[places[-1] if places else 0 :]
