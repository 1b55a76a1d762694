"""What people do: Django apps, each above those it may ask (accounts, then cases, then notifying).

Facts are made below by the engine and read through ``engine.api``; decisions are made and kept here.
"""
