"""Keeps text of logs from breaking a reason apart: reasons read ``code(name=value,name=value)``."""

from __future__ import annotations

import re

_SIGNS = r"[(),=;|\x00-\x1f\x7f]"
_PARTING = re.compile(_SIGNS)


def plain(expression: str) -> str:
    """Return SQL for the text of an expression with the signs that part reasons replaced."""
    return f"regexp_replace(SUBSTR({expression}, 1, 200), '{_SIGNS}', '_', 'g')"


def plain_text(text: str) -> str:
    """Return text with the signs that part reasons replaced, as ``plain`` does in SQL."""
    return _PARTING.sub("_", text[:200])
