"""Whether a message of Amazon's notification service (SNS) is Amazon's, of our topic, and of now.

It is signed with a key whose certificate the operator keeps beside the configuration: nothing is fetched to
check it, and where the message says that its certificate lies is trusted for nothing. Of the two versions of
signatures the second (SHA-256) is taken alone. Amazon tries for an hour at most to hand a message over by
HTTPS; one older than that is played again. Source: Amazon SNS, "Verifying the signatures of Amazon SNS
messages", "Message delivery retries" (read 2026-11-23).
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from ashiato.outside.messages.outcomes import MessageError
from ashiato.terms.errors import Place

_OLDEST, _FASTEST = timedelta(hours=1, minutes=15), timedelta(minutes=5)
_ADDRESS = re.compile(
    r"https://sns\.[a-z0-9-]{1,30}\.amazonaws\.com(?:\.cn)?/SimpleNotificationService-[0-9a-f]{1,64}\.pem"
)
_CONFIRMS = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
#: What is signed of each type, in this order.
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": _CONFIRMS,
    "UnsubscribeConfirmation": _CONFIRMS,
}
_LATER_VERSION = "set the topic's attribute SignatureVersion to 2"
_ROTATED = "get Amazon's present certificate and name it in webhook_certificate_files"


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as the operator names it, and the certificates Amazon signs its messages by."""

    name: str
    certificates: Sequence[x509.Certificate]


def read_topic(name: str, files: Sequence[Path]) -> Topic:
    """Read the certificates (PEM) of a topic.

    Raises: MessageError: a file cannot be read, or holds none with an RSA key.
    """
    return Topic(name, [_read_certificate(each) for each in files])


def check_message(said: object, topic: Topic, now: datetime) -> None:
    """Refuse a message that Amazon did not sign, of another topic, or of another time.

    Raises: MessageError: with what is wrong; nothing of the message is named.
    """
    message = _read(said)
    if message.get("TopicArn") != topic.name:
        raise MessageError("the message is of another topic", fix="webhook_topic names ours")
    if message.get("SignatureVersion") != "2":
        raise MessageError("the message is signed by SHA-1, or not at all", fix=_LATER_VERSION)
    if not _ADDRESS.fullmatch(message.get("SigningCertURL", "")):
        raise MessageError("the message's certificate is not at Amazon's")
    _check_signature(message, [each for each in topic.certificates if _is_valid(each, now)])
    _check_age(message["Timestamp"], now)


def _read(said: object) -> dict[str, str]:
    """Return the parts of a message, all of which are texts."""
    parts = {name: each for name, each in said.items() if each is not None} if isinstance(said, dict) else {}
    if any(not isinstance(each, str) for each in parts.values()) or parts.get("Type") not in _SIGNED:
        raise MessageError("the body is no message of Amazon's notification service")
    return parts


def _check_signature(said: Mapping[str, str], certificates: Sequence[x509.Certificate]) -> None:
    text = _signed_text(said)
    try:
        signature = b64decode(said.get("Signature", ""), validate=True)
    except ValueError:
        raise MessageError("the message's signature cannot be read") from None
    if not any(_signed_by(each, signature, text) for each in certificates):
        raise MessageError("no certificate that we know and that is valid signed the message", fix=_ROTATED)


def _signed_text(said: Mapping[str, str]) -> bytes:
    parts = [(name, said[name]) for name in _SIGNED[said["Type"]] if name in said]
    if {"Message", "MessageId", "Timestamp"} - {name for name, _ in parts}:
        raise MessageError("the message lacks a part that is signed")
    return "".join(f"{name}\n{value}\n" for name, value in parts).encode("utf-8", "surrogatepass")


def _signed_by(certificate: x509.Certificate, signature: bytes, text: bytes) -> bool:
    key = certificate.public_key()
    try:
        return isinstance(key, RSAPublicKey) and key.verify(signature, text, PKCS1v15(), SHA256()) is None
    except InvalidSignature:
        return False


def _is_valid(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc


def _check_age(at: str, now: datetime) -> None:
    try:
        sent = datetime.fromisoformat(at).astimezone(UTC)
    except (ValueError, OverflowError):
        raise MessageError("the message has no time") from None
    if not now - _OLDEST <= sent <= now + _FASTEST:
        raise MessageError("the message is too old, or the clocks differ", fix="set this machine's clock")


def _read_certificate(path: Path) -> x509.Certificate:
    try:
        found = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        what = "this is no certificate (PEM) that can be read"
        raise MessageError(what, where=Place(str(path)), fix=_ROTATED) from None
    if not isinstance(found.public_key(), RSAPublicKey):
        raise MessageError("the certificate holds no RSA key", where=Place(str(path)), fix=_ROTATED)
    return found
