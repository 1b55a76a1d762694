"""Four eyes: how many different persons approve what leaves the house or is said in its name."""

from __future__ import annotations

APPROVALS_NEEDED = 2
