"""Everything that writes the ledger of sending, by what it is about."""
