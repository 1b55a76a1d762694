"""Mails as the tests of this folder write them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from ashiato.outside.messages.email.addresses import Mailbox
from ashiato.outside.messages.email.dkim import DkimKey
from ashiato.outside.messages.email.envelope import Envelope
from ashiato.outside.messages.email.mime import Mail, MailWriter

ENVELOPE = Envelope("bounce.example.co.jp")
NOTICE = Mail(
    reference="n0000000000000001",
    to=Mailbox("dan@example.jp", "山田 段"),
    sender=Mailbox("notice@example.co.jp", "例示ペット保険株式会社"),
    subject="【重要】お客様の情報の漏えいに関するお知らせ（受付番号のご案内を含みます）",
    text="山田 段 様\n\nお客様の氏名が閲覧されました。\n.\n\n. 行頭の点\n",
    at=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
)


def notice(**changed: Any) -> Mail:
    """The notice, with some of it changed."""
    return replace(NOTICE, **changed)


@cache
def keys() -> tuple[DkimKey, DkimKey]:
    """A key of each kind, made once."""
    return (
        DkimKey("example.co.jp", "rsa1", generate_private_key(65537, 2048)),
        DkimKey("example.co.jp", "ed1", Ed25519PrivateKey.generate()),
    )


def written(mail: Mail) -> bytes:
    """The mail's bytes without signatures."""
    return MailWriter(ENVELOPE).write(mail).content
