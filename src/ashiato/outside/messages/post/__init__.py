"""Batches of letters handed to a printer's folder, whole and once; codes of letters that came back, read."""
