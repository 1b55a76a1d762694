"""The watch: what a guard saw is told to staff, once for each thing that matters, until somebody answers.

Alarms come in by their keys, however often they are handed on, and are gathered into groups. The worker's
round makes messages of groups, claims each before it is offered, tries the ways of its receiver in turn, and
goes on to the next persons while nobody acknowledges. Guards show themselves; their silence is an alarm too.
"""
