"""Drafts: what is known of an incident, as a text for each reader, in Japanese and English.

Reads what the law says of the diary as of a moment, and the facts of a run; writes documents. Nothing here
is guessed: what is not known is a blank that is marked, and each sentence names what it rests on.
"""
