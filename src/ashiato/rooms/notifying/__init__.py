"""Notices: every person told, in waves, once, provably.

A campaign plans one notice per person and channel, waves release them, workers hand them over, and each
change of state is a row of the ledger of sending. What was claimed by a worker that died is in doubt until
somebody outside is asked; it is never sent again blindly.
"""
