"""Mail: single messages (eml) and mailboxes (mbox): addresses, subjects, texts and what is attached.

A text that is encoded for the way counts as a whole: it went out when its part did.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from ashiato.engine.exposures.objects.cells import LONGEST_CELL, Cell
from ashiato.engine.exposures.objects.encodings import encoding_of
from ashiato.engine.exposures.objects.readers.delimited import delimiter_of, read_delimited
from ashiato.engine.exposures.objects.readers.plain_text import read_plain_text

_HEADER = re.compile(
    rb"(?:From |Received: |Return-Path: |Message-ID: |From: |MIME-Version: |Delivered-To: )", re.IGNORECASE
)
_NEXT = re.compile(rb"(?m)^From \S+[^\n]*\n")
_TOLD = ("from", "to", "cc", "bcc", "reply-to", "subject")
_TAGS = re.compile(r"<[^>]{0,400}>")


def is_mail(content: bytes) -> bool:
    """Tell whether a text begins as a message or a mailbox does."""
    head = content[:4096]
    return _HEADER.match(head) is not None and re.search(rb"(?m)^(?:From|To|Subject):", head) is not None


def read_mails(content: bytes) -> Iterator[Cell]:
    """Yield what each message says; units are messages, and rows of tables attached to them."""
    unit = 0
    for first, last in _messages(content):
        unit += 1
        message = BytesParser(policy=policy.default).parsebytes(content[first:last])
        for name in _TOLD:
            for value in message.get_all(name, []):
                text = str(value)[:LONGEST_CELL]
                yield Cell(unit, name, text, first, last, is_text=True)
        for part in message.walk():
            if isinstance(part, EmailMessage) and not part.is_multipart():
                for cell in _read_part(part):
                    yield Cell(unit + cell.unit, cell.header, cell.text, first, last, cell.is_text)
                unit += 1000000 if part.get_filename() else 0


def _messages(content: bytes) -> Iterator[tuple[int, int]]:
    begins = [found.start() for found in _NEXT.finditer(content)] if content.startswith(b"From ") else [0]
    yield from zip(begins, [*begins[1:], len(content)], strict=True)


def _read_part(part: EmailMessage) -> Iterator[Cell]:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes) or part.get_content_maintype() not in ("text", "application"):
        return
    encoding = encoding_of(payload)
    if encoding is None:
        return
    if part.get_content_subtype() == "html":
        payload = _TAGS.sub(" ", payload.decode(encoding, "replace")).encode()
        encoding = "utf-8"
    sign = delimiter_of(payload) if part.get_filename() else None
    if sign is not None:
        yield from read_delimited(payload, encoding, sign)
    else:
        for cell in read_plain_text(payload, encoding):
            yield Cell(0, cell.header, cell.text, 0, 0, is_text=True)
