"""Everything that only reads what happened at the desk."""
