"""The one place that opens libsodium: the group ristretto255, and boxes that only the console opens."""

from __future__ import annotations

from typing import Any

from ashiato.terms.errors import ServerError

BYTES = 32


def _library() -> Any:  # noqa: ANN401 - it tells no types
    try:
        import pysodium  # noqa: PLC0415 - an extra, and over a library of the machine
    except (ImportError, AttributeError, OSError, ValueError) as error:
        fix = "pip install 'ashiato[server]', and apt-get install libsodium23 (macOS: brew install libsodium)"
        raise ServerError("libsodium is missing; the public pages need it", fix=fix) from error
    return pysodium


def point_of(uniform: bytes) -> bytes:
    """Return the element of the group that 64 uniform bytes stand for (RFC 9496, element derivation)."""
    point: bytes = _library().crypto_core_ristretto255_from_hash(uniform)
    return point


def scalar_of(uniform: bytes) -> bytes:
    """Return 64 uniform bytes, little endian, as a number below the group's order."""
    scalar: bytes = _library().crypto_core_ristretto255_scalar_reduce(uniform)
    return scalar


def inverse_of(scalar: bytes) -> bytes:
    """Return the number by which a product with ``scalar`` is undone."""
    inverse: bytes = _library().crypto_core_ristretto255_scalar_invert(scalar)
    return inverse


def times(scalar: bytes, point: bytes) -> bytes:
    """Return a multiple of an element; ValueError where the bytes are none, or nothing comes of it."""
    if len(point) != BYTES:
        raise ValueError(f"an element has {BYTES} bytes, not {len(point)}")
    product: bytes = _library().crypto_scalarmult_ristretto255(scalar, point)
    return product


def box_keys() -> tuple[bytes, bytes]:
    """Return a new pair of X25519 keys: the public one, the secret one."""
    public, secret = _library().crypto_box_keypair()
    return public, secret


def seal(content: bytes, public: bytes) -> bytes:
    """Return content that the holder of the secret key alone can open; who sealed it is not told."""
    sealed: bytes = _library().crypto_box_seal(content, public)
    return sealed


def unseal(sealed: bytes, public: bytes, secret: bytes) -> bytes:
    """Return what was sealed; ValueError where it was changed, or sealed to another."""
    content: bytes = _library().crypto_box_seal_open(sealed, public, secret)
    return content
