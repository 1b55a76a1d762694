"""Looks at a person, noted in the ledger without naming the person.

A record is named by HMAC-SHA-256 under the case's key (``look.key``, 0600). Whoever holds the case can
ask whether a given record was looked at; once the key is destroyed nobody can. A look waits for no writer
of the case: a run may hold it for hours.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable

from ashiato.engine.case import Case

KEY_FILE = "look.key"
_KEY_BYTES = 32


def record_look(case: Case, record: str, reason: str) -> str:
    """Write who was looked at (as HMAC) and why into the ledger; return the entry's hash."""
    return case.record("explain", inputs={"record": code_of(case, record)}, results={"reason": reason})


def record_looks(case: Case, records: Iterable[str], reason: str) -> str:
    """Write into the ledger, as one entry, that the contact values of many were looked at, and why.

    They are named by one hash over the codes of all: who holds the case can ask whether it were just these.
    """
    key = _key_of(case)
    codes = sorted(hmac.new(key, record.encode(), hashlib.sha256).hexdigest() for record in records)
    inputs = {"persons": hashlib.sha256("\n".join(codes).encode()).hexdigest()}
    return case.record("contacts", inputs=inputs, results={"reason": reason, "number": len(codes)})


def code_of(case: Case, record: str) -> str:
    """Return the code by which the ledger names a record, or a pair of them."""
    return hmac.new(_key_of(case), record.encode(), hashlib.sha256).hexdigest()


def _key_of(case: Case) -> bytes:
    """Return the key, made by who comes first: looks hold the file for a moment, and never the case.

    No ledger has used a key that is not whole on the disk: it is made anew where writing it was cut off.
    """
    with os.fdopen(os.open(case.folder / KEY_FILE, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        key = file.read()
        if len(key) < _KEY_BYTES:
            key = secrets.token_bytes(_KEY_BYTES)
            file.seek(0)
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        return key
