"""Write: cases that join, and their keys."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from ashiato.rooms.cases.models import CaseFile

_NO_NAME = re.compile(r"[^a-z0-9]+")


def open_casefile(folder: Path, at: datetime) -> CaseFile:
    """Return the server's row of a case folder, made on first use under the folder's name."""
    place = str(folder.resolve())
    found = CaseFile.objects.filter(folder=place).first()
    if found is not None:
        return found
    stem = _NO_NAME.sub("-", folder.resolve().name.lower()).strip("-")[:48] or "case"
    taken = set(CaseFile.objects.filter(name__startswith=stem).values_list("name", flat=True))
    names = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(taken) + 2))
    return CaseFile.objects.create(name=next(n for n in names if n not in taken), folder=place, added_at=at)
