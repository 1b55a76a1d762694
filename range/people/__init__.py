"""Fictional people in any number: words to draw from, and whole tables made by one statement each."""
