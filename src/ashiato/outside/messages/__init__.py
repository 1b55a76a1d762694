"""One message handed to the outside, by mail, SMS, post or a call list, and what became of it. No Django.

Each channel has a *sender* (``send(message) -> Outcome``) and, where the other side can be asked, a *lookup*
(``find(reference) -> Accepted | NotAccepted | None``). An outcome is exact: ``NotAccepted`` only with proof
that nothing was taken, ``InDoubt`` whenever the message was offered and no answer came. Whoever sends keeps
the ledger; nothing here sends anything twice by itself.
"""
