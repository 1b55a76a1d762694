"""Hashes and identifiers: the same input gives the same id on every machine."""

from __future__ import annotations

import hashlib


def sha256_text(*parts: str) -> str:
    """Return the SHA-256 (hex) of text parts, joined by NUL so that no two lists collide."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def short_id(*parts: str) -> str:
    """Return the first 16 hex digits of the parts' hash: enough for one case, short enough to read."""
    return sha256_text(*parts)[:16]
