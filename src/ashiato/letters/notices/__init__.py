"""Notices: what one person is told, in each channel and language; nothing but that person's own.

Reads what is known of one person (``matter``) and templates (``words/*.yaml``); writes messages. Pure: no
database, no network, no clock. A sentence never claims more than the grade it stands under.
"""
