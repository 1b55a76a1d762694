"""One mail as the bytes that SMTP carries: MIME, UTF-8, no line long, the same bytes from the same mail.

Source: RFC 5322, RFC 2045, RFC 2046 5.1.4 (alternatives), RFC 3834 (Auto-Submitted) (read 2026-11-22).
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from ashiato.outside.messages.email.addresses import Mailbox, WireAddress, read_address, refuse_own
from ashiato.outside.messages.email.dkim import DkimKey, sign
from ashiato.outside.messages.email.envelope import Envelope
from ashiato.outside.messages.email.headers import address_header, extra_header, text_header
from ashiato.outside.messages.outcomes import MessageError, SettingError

_LINE = 76
#: Text that needs no encoding: printable ASCII, no line long, none beginning as a mailbox's divider does.
_PLAIN = re.compile(r"(?:(?!From )[ -~\t]{0,76}\n)*")
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
#: Neither a machine that answers machines nor a holiday notice is to answer (RFC 3834; Exchange).
_NO_ANSWER = b"Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: OOF, AutoReply\r\n"


@dataclass(frozen=True, slots=True)
class Mail:
    """One notice as a mail. ``html`` may be empty; ``at`` (aware) is the Date, the same at every attempt."""

    reference: str
    to: Mailbox
    sender: Mailbox
    subject: str
    text: str
    at: datetime
    html: str = ""
    language: str = "ja"
    reply_to: Mailbox | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class WrittenMail:
    """A mail ready for SMTP: the envelope's two addresses, and header and body with CRLF."""

    reference: str
    sender: str
    to: WireAddress
    content: bytes


class MailWriter:
    """Writes mails of one campaign; what all of them share is made once."""

    def __init__(self, envelope: Envelope, keys: Sequence[DkimKey] = ()) -> None:
        """Bounces go to the envelope's domain; every key signs."""
        self.envelope = envelope
        self._keys = tuple(keys)
        self._shared: dict[tuple[Mailbox, Mailbox | None], bytes] = {}

    def write(self, mail: Mail) -> WrittenMail:
        """Return the mail as bytes, signed.

        Raises: MessageError: an address, a header or the text holds what may not leave the house.
        """
        to = read_address(mail.to.address)
        refuse_own(to, mail.sender.address, self.envelope.domain)
        content = self._header(mail, to) + _body(mail)
        if self._keys:
            content = sign(content, self._keys, int(mail.at.timestamp())) + content
        return WrittenMail(mail.reference, self.envelope.address_of(mail.reference), to, content)

    def _header(self, mail: Mail, to: WireAddress) -> bytes:
        if mail.at.tzinfo is None:
            raise MessageError("the date of a mail needs its zone")
        lines = [
            self._house(mail),
            address_header("To", mail.to, to),
            text_header("Subject", mail.subject),
            f"Date: {format_datetime(mail.at)}\r\n".encode("ascii"),
            f"Message-ID: {self.envelope.message_id_of(mail.reference)}\r\n".encode("ascii"),
            _NO_ANSWER,
        ]
        lines += [extra_header(name, value) for name, value in mail.headers]
        return b"".join(lines)

    def _house(self, mail: Mail) -> bytes:
        """From and Reply-To: the same for every mail of a client."""
        key = (mail.sender, mail.reply_to)
        if key not in self._shared:
            try:
                reply = address_header("Reply-To", mail.reply_to) if mail.reply_to else b""
                self._shared[key] = address_header("From", mail.sender) + reply
            except MessageError as error:
                raise SettingError(f"the sender cannot be written: {error.what}", fix=error.fix) from None
        return self._shared[key]


def _body(mail: Mail) -> bytes:
    if not _LANGUAGE.fullmatch(mail.language):
        raise MessageError("the language of a mail is a tag such as ja or en")
    opening = f"MIME-Version: 1.0\r\nContent-Language: {mail.language}\r\n".encode("ascii")
    text = _part("plain", mail.text)
    if not mail.html:
        return opening + text
    # Neither base64 nor the lines that stand as they are hold this: `_part` sees to the latter.
    mark = b"=_" + mail.reference.encode("ascii")
    return b"".join((
        opening, b'Content-Type: multipart/alternative;\r\n boundary="', mark, b'"\r\n\r\n',
        b"--", mark, b"\r\n", text, b"\r\n--", mark, b"\r\n", _part("html", mail.html),
        b"\r\n--", mark, b"--\r\n",
    ))  # fmt: skip


def _part(kind: str, text: str) -> bytes:
    """A part with its own headers: as it stands where short plain lines, else in base64."""
    if _UNSAFE.search(text):
        raise MessageError("the text holds a control character", fix="take it out where the text comes from")
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = lines if lines.endswith("\n") else lines + "\n"
    body = lines.replace("\n", "\r\n").encode("utf-8")
    if _PLAIN.fullmatch(lines) and "=_" not in lines:
        return (
            b"Content-Type: text/"
            + kind.encode()
            + (b"; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n\r\n" + body)
        )
    return (
        b"Content-Type: text/"
        + kind.encode()
        + (b"; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + _base64(body))
    )


def _base64(body: bytes) -> bytes:
    text = b64encode(body)
    return b"\r\n".join([text[at : at + _LINE] for at in range(0, len(text), _LINE)]) + b"\r\n"
