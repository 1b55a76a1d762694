"""Packages for clients: one incident at a contractor becomes a case of its own for each client."""
