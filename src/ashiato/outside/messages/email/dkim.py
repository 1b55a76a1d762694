"""DKIM signatures over whole mails, made with ``cryptography``: RSA and Ed25519, relaxed/relaxed.

Header fields are signed once more than they occur, so that nobody can add a second From or Subject.
Source: RFC 6376 (3.4.2, 3.4.4, 3.5, 5.4.2), RFC 8463 (read 2026-11-22).
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from ashiato.outside.messages.outcomes import MessageError
from ashiato.outside.messages.secrets import read_secret
from ashiato.terms.errors import Place

_SIGNED = (
    b"from", b"to", b"reply-to", b"subject", b"date", b"message-id", b"mime-version", b"content-type",
    b"content-transfer-encoding", b"auto-submitted",
)  # fmt: skip
#: Signed once more than they stand there: a second one would break the signature.
_ONCE = {b"from", b"to", b"reply-to", b"subject", b"date", b"message-id", b"content-type"}
_BLANKS = re.compile(rb"[ \t]+")
_BLANKS_AT_END = re.compile(rb"[ \t]+(?=\r\n)")
_FOLD = re.compile(rb"\r\n(?=[ \t])")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,250}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True, repr=False)
class DkimKey:
    """A domain's key for signing; the public half stands in DNS at ``selector._domainkey.domain``."""

    domain: str
    selector: str
    private: RSAPrivateKey | Ed25519PrivateKey

    def __repr__(self) -> str:
        """Name the key without showing it."""
        return f"DkimKey({self.selector}._domainkey.{self.domain})"

    @property
    def algorithm(self) -> str:
        """The signature's algorithm as DKIM names it."""
        return "rsa-sha256" if isinstance(self.private, RSAPrivateKey) else "ed25519-sha256"

    def sign(self, text: bytes) -> bytes:
        """Return the signature of what DKIM says is signed."""
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(text, padding.PKCS1v15(), hashes.SHA256())
        return self.private.sign(hashlib.sha256(text).digest())

    @property
    def record(self) -> str:
        """The TXT record that lets others check signatures of this key."""
        public = self.private.public_key()
        if isinstance(self.private, RSAPrivateKey):
            form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
            return f"v=DKIM1; k=rsa; p={b64encode(public.public_bytes(*form)).decode()}"
        raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return f"v=DKIM1; k=ed25519; p={b64encode(raw).decode()}"


def read_key(domain: str, selector: str, path: Path) -> DkimKey:
    """Read a private key (PEM) from a file only its owner may open.

    Raises: MessageError: the file is open to others or no key, the key is shorter than RSA 2048.
    """
    if not _NAME.fullmatch(domain) or not _NAME.fullmatch(selector):
        raise MessageError(
            "a DKIM key needs a domain and a selector as DNS writes them", where=Place(str(path))
        )
    secret = read_secret(path)
    try:
        key = serialization.load_pem_private_key(secret.value, password=None)
    except (ValueError, TypeError):
        raise MessageError(
            "this is no private key in PEM form without a passphrase",
            where=Place(str(path)),
            fix="make one: openssl genrsa 2048",
        ) from None
    if isinstance(key, Ed25519PrivateKey) or (isinstance(key, RSAPrivateKey) and key.key_size >= 2048):
        return DkimKey(domain, selector, key)
    raise MessageError("DKIM signs with RSA of 2048 bits or more, or Ed25519", where=Place(str(path)))


def sign(message: bytes, keys: Sequence[DkimKey], at: int) -> bytes:
    """Return the signature headers of a mail, to be put in front of it: one for each key.

    ``message``: header, blank line and body with CRLF at every line's end. ``at``: seconds since 1970.
    """
    header, _, body = message.partition(b"\r\n\r\n")
    fields = relaxed_fields(header)
    names = _signed_names(fields)
    told = _told_fields(fields, names)
    digest = b64encode(hashlib.sha256(relaxed_body(body)).digest()).decode()
    return b"".join(_signature(key, names, told, digest, at) for key in keys)


def relaxed_body(body: bytes) -> bytes:
    """Return a body in its relaxed form: blanks squeezed, none at a line's end, no empty lines at the end."""
    # Our own bodies hold single blanks within lines; patterns are run only over those that hold others.
    if b"  " in body or b"\t" in body or b" \r\n" in body or body.endswith(b" "):
        body = _BLANKS_AT_END.sub(b"", _BLANKS.sub(b" ", body + b"\r\n"))
    text = body.rstrip(b"\r\n")
    # Of the bytes taken off, a carriage return or line feed by itself is no line's end, and stays.
    tail = body[len(text) :]
    while tail.endswith(b"\r\n"):
        tail = tail[:-2]
    kept = text + tail
    return kept + b"\r\n" if kept else b""


def relaxed_fields(header: bytes) -> list[tuple[bytes, bytes]]:
    """Return each header field's name, and the field in its relaxed form without the line's end."""
    found = []
    for line in _FOLD.sub(b"", header).split(b"\r\n"):
        name, _, value = line.partition(b":")
        name = name.strip(b" \t").lower()
        if b"  " in value or b"\t" in value:
            value = _BLANKS.sub(b" ", value)
        found.append((name, name + b":" + value.strip(b" ")))
    return found


def _signed_names(fields: list[tuple[bytes, bytes]]) -> list[bytes]:
    standing = [name for name, _ in fields]
    names = []
    for name in _SIGNED:
        names += [name] * (standing.count(name) + (name in _ONCE))
    return names


def _told_fields(fields: list[tuple[bytes, bytes]], names: list[bytes]) -> bytes:
    """The fields of these names, the lowest of each name first; one that does not stand there is nothing."""
    left: dict[bytes, list[bytes]] = {}
    for name, field in fields:
        left.setdefault(name, []).append(field)
    chosen = [left[name].pop() for name in names if left.get(name)]
    return b"".join(field + b"\r\n" for field in chosen)


def _signature(key: DkimKey, names: list[bytes], told: bytes, digest: str, at: int) -> bytes:
    opening = (
        f"v=1; a={key.algorithm}; c=relaxed/relaxed;\r\n d={key.domain};\r\n"
        f" s={key.selector}; t={at};\r\n"
        f" h={_folded_names(names)};\r\n bh={digest};\r\n b="
    ).encode("ascii")
    ((_, relaxed),) = relaxed_fields(b"DKIM-Signature: " + opening)
    signature = b64encode(key.sign(told + relaxed))
    lines = [signature[at : at + 72] for at in range(0, len(signature), 72)]
    return b"DKIM-Signature: " + opening + b"\r\n  ".join(lines) + b"\r\n"


def _folded_names(names: list[bytes]) -> str:
    """The names, a few a line: no line of a header may be long."""
    rows = [names[at : at + 3] for at in range(0, len(names), 3)]
    return ":\r\n  ".join(":".join(name.decode() for name in row) for row in rows)
