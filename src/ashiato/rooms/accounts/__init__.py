"""Who works here, and what they looked at and decided: staff, and a ledger that only grows."""
