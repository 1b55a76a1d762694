"""Everything that only reads the ledger of sending."""
