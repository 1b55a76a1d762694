"""Duties and clocks: what must be reported, to whom, by when, from dated facts and cited rules.

Pure functions over two kinds of file: rules (``rules/<place>.yaml``, versioned, each with its source)
and the diary of a case (``facts.yaml``: what was known, when, by whom). Knows nothing of the engine.
The door is ``ashiato.law.api``.
"""
