"""Backups: one sealed archive of everything a server holds, and the way back into an empty place."""
