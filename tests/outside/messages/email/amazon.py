"""Messages of a notification service that is Amazon's but for its key, made here, and for its certificate."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

TOPIC = "arn:aws:sns:ap-northeast-1:123456789012:reports"
ADDRESS = "https://sns.ap-northeast-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"


def now() -> datetime:
    """The time of the machine, which the server goes by."""
    return datetime.fromtimestamp(time.time(), UTC)


@cache
def key() -> rsa.RSAPrivateKey:
    """The one key of this process."""
    return rsa.generate_private_key(65537, 2048)


def certificate(
    signer: rsa.RSAPrivateKey | None = None, begins: datetime | None = None, days: int = 365
) -> bytes:
    """A certificate of a key, valid from a day on."""
    own, first = signer or key(), begins or now() - timedelta(days=1)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(own.public_key())
    made = made.serial_number(1).not_valid_before(first).not_valid_after(first + timedelta(days=days))
    return made.sign(own, SHA256()).public_bytes(Encoding.PEM)


def signed(said: Mapping[str, str], version: str = "2") -> dict[str, str]:
    """A message as Amazon sends it: a notification of our topic and of now, but for what is ``said``."""
    at = now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    message = {"Type": "Notification", "TopicArn": TOPIC, "Timestamp": at, **said}
    names = ["Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    text = "".join(f"{name}\n{message[name]}\n" for name in names if name in message)
    signature = key().sign(text.encode(), PKCS1v15(), SHA256() if version == "2" else SHA1())  # noqa: S303 - refused
    proof = {"SignatureVersion": version, "Signature": b64encode(signature).decode()}
    return {**message, **proof, "SigningCertURL": ADDRESS}
