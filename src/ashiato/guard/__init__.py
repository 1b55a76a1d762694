"""The guard: follows logs while they are written, counts the people that each actor sees, raises alarms.

``following`` brings new lines, each once; the engine's own parsers make records of them; ``people`` says
whom a request's reply carried, ``spending`` holds that against the ``budgets`` of whoever asked, ``state``
keeps places, counters and alarms in one transaction, and ``running`` ties them together. ``receiving`` is a
process beside it, which writes lines from the network to files that are then followed.
"""
