"""What a draft says otherwise than it did at an earlier moment, line by line."""

from __future__ import annotations

from dataclasses import replace

from ashiato.letters.document import Change, Document, Line


def with_changes(now: Document, before: Document) -> Document:
    """Return the draft with every line that differs from the earlier one's line of the same key."""
    then = {line.key: line for line in before.lines()}
    held = {line.key: line for line in now.lines()}
    keys = [*held, *(key for key in then if key not in held)]
    changes = (_change(then.get(key), held.get(key)) for key in keys)
    return replace(now, since=before.as_of, changes=tuple(change for change in changes if change))


def _change(before: Line | None, after: Line | None) -> Change | None:
    texts = (before.text if before else None, after.text if after else None)
    label = after.label if after else before.label if before else ""
    return None if texts[0] == texts[1] else Change(label, *texts)
