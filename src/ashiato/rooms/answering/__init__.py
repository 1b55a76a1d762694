"""The desk: everybody who turns to us is answered alike, and told nothing before we know them.

A contact comes in, its caller climbs a ladder (the code of their message with two of three facts, then a call
to the number on file), and each answer is one that two persons approved. Until the ladder is climbed nothing
this room returns depends on whether there is such a person.
"""
