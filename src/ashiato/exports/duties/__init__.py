"""Duties and clocks in words: what applies, why, from when to when, what is missing, what moved."""
