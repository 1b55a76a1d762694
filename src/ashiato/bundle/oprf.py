"""RFC 9497, OPRF(ristretto255, SHA-512), base mode: a keyed function of which neither side learns more.

Who asks blinds what is asked; who holds the key evaluates it blindly; the asker takes the blind off. A
holder of the key evaluates what it knows itself in one step, with the same output.
"""

from __future__ import annotations

import hashlib
import secrets

from ashiato.bundle.sodium import inverse_of, point_of, scalar_of, times

_CONTEXT = b"OPRFV1-\x00-ristretto255-SHA512"
_BLOCK, _DIGEST = 128, 64
_LONGEST = 0xFFFF


def derive_key(seed: bytes, info: bytes) -> bytes:
    """Return the secret key of a seed (section 3.2.1)."""
    said = seed + len(info).to_bytes(2, "big") + info
    for counter in range(256):
        key = _to_scalar(said + bytes([counter]), b"DeriveKeyPair" + _CONTEXT)
        if any(key):
            return key
    raise ValueError("no key comes of this seed")


def blind(asked: bytes, scalar: bytes | None = None) -> tuple[bytes, bytes]:
    """Return the blind and the blinded element (section 3.3.1); ``scalar``: the blind, drawn unless given."""
    chosen = scalar or scalar_of(secrets.token_bytes(_DIGEST))
    return chosen, times(chosen, _to_point(asked))


def evaluate(key: bytes, blinded: bytes) -> bytes:
    """Return the evaluated element; ValueError for bytes that are none, such as those of a hostile asker."""
    return times(key, blinded)


def finish(asked: bytes, chosen: bytes, evaluated: bytes) -> bytes:
    """Return the output, 64 bytes, from an evaluated element and the blind."""
    return _output(asked, times(inverse_of(chosen), evaluated))


def output_of(key: bytes, asked: bytes) -> bytes:
    """Return the same output where one holds the key and knows what is asked."""
    return _output(asked, times(key, _to_point(asked)))


def _output(asked: bytes, element: bytes) -> bytes:
    said = len(asked).to_bytes(2, "big") + asked + len(element).to_bytes(2, "big") + element
    return hashlib.sha512(said + b"Finalize").digest()


def _to_point(asked: bytes) -> bytes:
    if len(asked) > _LONGEST:
        raise ValueError(f"{len(asked):,} bytes are asked about; at most {_LONGEST:,} can be")
    return point_of(_expand(asked, b"HashToGroup-" + _CONTEXT))


def _to_scalar(said: bytes, tag: bytes) -> bytes:
    return scalar_of(_expand(said, tag))


def _expand(said: bytes, tag: bytes) -> bytes:
    """Return 64 uniform bytes: expand_message_xmd with SHA-512 (RFC 9380, section 5.3.1), one block."""
    suffix = tag + bytes([len(tag)])
    whole = bytes(_BLOCK) + said + _DIGEST.to_bytes(2, "big") + b"\x00" + suffix
    first = hashlib.sha512(whole).digest()
    return hashlib.sha512(first + b"\x01" + suffix).digest()
