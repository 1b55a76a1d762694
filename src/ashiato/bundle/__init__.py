"""What crosses between the console and the public pages: one bundle there, sealed words back; no Django.

Both sides know these forms and nothing else of each other.
"""
