"""DKIM signatures are checked by another program, and canonical forms by another program's."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import dkim
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from dkim.canonicalization import Relaxed
from hypothesis import given
from hypothesis import strategies as st

from ashiato.outside.messages.email.dkim import DkimKey, read_key, relaxed_body, relaxed_fields, sign
from ashiato.outside.messages.email.mime import MailWriter
from ashiato.outside.messages.outcomes import MessageError
from tests.outside.messages.email.mails import ENVELOPE, NOTICE, keys, notice

_LINES = st.lists(st.sampled_from([b"", b"a", b".", b". b", b" ", b"\t", b"a  b\t c ", b"x" * 90]))


class _VerifyKey:
    """What dkimpy wants of PyNaCl, by ``cryptography``: it has no Ed25519 of its own."""

    def __init__(self, key: bytes, encoder: object) -> None:  # noqa: ARG002 - as PyNaCl has it
        self._key = Ed25519PublicKey.from_public_bytes(b64decode(key))

    def verify(self, digest: bytes, signature: bytes) -> None:
        self._key.verify(signature, digest)


@pytest.fixture(autouse=True, scope="module")
def _ed25519() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        stand_in = SimpleNamespace(
            signing=SimpleNamespace(VerifyKey=_VerifyKey),
            encoding=SimpleNamespace(Base64Encoder=None),
            exceptions=SimpleNamespace(BadSignatureError=InvalidSignature),
        )
        patched.setattr(dkim, "nacl", stand_in, raising=False)
        yield


def _records() -> dict[bytes, bytes]:
    return {f"{key.selector}._domainkey.{key.domain}.".encode(): key.record.encode() for key in keys()}


def _holds(message: bytes, number: int = 0) -> bool:
    records = _records()
    try:
        return bool(dkim.DKIM(message).verify(number, dnsfunc=lambda name, **_: records.get(name, b"")))
    except dkim.ValidationError:
        return False


def test_both_signatures_of_a_notice_are_valid() -> None:
    content = MailWriter(ENVELOPE, keys()).write(notice(html="<p>段 様</p>")).content
    assert content.count(b"DKIM-Signature:") == 2
    assert _holds(content, 0)
    assert _holds(content, 1)


@given(lines=_LINES)
def test_any_body_is_signed_validly(lines: list[bytes]) -> None:
    body = b"".join(line + b"\r\n" for line in lines)
    header = b"From: a@example.jp\r\nSubject:  two\r\n\t words \r\nTo: b@example.jp\r\n\r\n"
    assert relaxed_body(body) == Relaxed.canonicalize_body(body)
    assert _holds(sign(header + body, keys()[1:], 1) + header + body)


@given(lines=_LINES)
def test_a_last_line_is_ended_before_it_is_signed(lines: list[bytes]) -> None:
    body = b"\r\n".join(lines)
    assert relaxed_body(body) == relaxed_body(body + b"\r\n")


def test_header_fields_are_relaxed_as_elsewhere() -> None:
    header = b"Subject :\t a  b\r\n \tc \t\r\nFROM:x"
    assert [field for _, field in relaxed_fields(header)] == [b"subject:a b c", b"from:x"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"From: ", b"From: x@evil.example\r\nFrom: "),
        (b"Subject: ", b"Subject: other\r\nSubject: "),
        (b"dan@example.jp", b"emi@example.jp"),
        (b"MIME-Version", b"Reply-To: x@evil.example\r\nMIME-Version"),
        (b"\r\n\r\n", b"\r\n\r\nQUFB\r\n"),
    ],
)
def test_a_changed_mail_is_not_valid(old: bytes, new: bytes) -> None:
    content = MailWriter(ENVELOPE, keys()[:1]).write(NOTICE).content
    assert _holds(content)
    assert not _holds(content.replace(old, new, 1))


def test_only_strong_keys_of_ours_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(keys()[0].private.private_bytes(*form))
    with pytest.raises(MessageError, match="open to others"):
        read_key("example.co.jp", "s", path)
    path.chmod(0o600)
    found = read_key("example.co.jp", "rsa1", path)
    assert found.record == keys()[0].record
    assert "rsa1._domainkey.example.co.jp" in repr(found)
    path.write_bytes(generate_private_key(65537, 1024).private_bytes(*form))  # noqa: S505 - to be refused
    with pytest.raises(MessageError, match="2048"):
        read_key("example.co.jp", "s", path)
    path.write_text("no key")
    with pytest.raises(MessageError, match="no private key"):
        read_key("example.co.jp", "s", path)
    with pytest.raises(MessageError, match="as DNS writes"):
        read_key("example.co.jp;", "s", path)


def test_a_key_never_shows_itself() -> None:
    assert isinstance(keys()[0], DkimKey)
    assert repr(keys()[1]) == "DkimKey(ed1._domainkey.example.co.jp)"
