"""The levels of Sigma, and how sure a hit of each makes us."""

from __future__ import annotations

#: From the least to the most.
LEVELS = ("informational", "low", "medium", "high", "critical")
#: How sure one hit of a rule of this level makes us that an attacker stands behind it.
CERTAINTY = {"informational": 0.05, "low": 0.2, "medium": 0.5, "high": 0.85, "critical": 0.95}
#: What a rule that names no level has.
UNSAID = "medium"
