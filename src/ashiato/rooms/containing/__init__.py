"""Containment: plans to stop somebody, approved by policy, applied, tried, taken back, all in the ledger.

Before anything outside is touched, what is to be touched and what it was before is kept: whoever is killed
in between is found by the next, who finishes it or takes it back. Every state says what was last seen.
"""
