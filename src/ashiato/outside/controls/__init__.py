"""Each control stops somebody: what it would change, changed, seen to hold, and taken back. No Django.

A control reads and writes the *state* that a real part holds of a target, and tries from the target's own
side whether it is stopped; the deeds of ``deeds.py`` are made of these. Nothing here decides
or keeps anything.
"""
