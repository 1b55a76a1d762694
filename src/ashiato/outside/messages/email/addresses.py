"""Mail addresses as they are written on the wire, and what is refused in them.

Most addresses pass one pattern; others (international ones, quoted ones) go to ``email-validator``. Old mail
addresses of Japanese mobile carriers break RFC 5321 by dots in a row or before the ``@``; they are real, and
written quoted, as the standard allows. Source: RFC 5321 4.1.2, RFC 5322 3.4.1, RFC 6531 (read 2026-11-22).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from ashiato.outside.messages.outcomes import AddressError

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+[A-Za-z][A-Za-z0-9-]{{0,61}}[A-Za-z0-9]")
_LOCAL = re.compile(rf"{_ATOM}+(?:\.{_ATOM}+)*")
#: Letters and dots alone, but with dots where none may stand: the carriers' old addresses.
_DOTTED = re.compile(rf"(?:{_ATOM}|\.)+")

#: What may stand in no header: control characters, line and paragraph separators, direction marks, halves
#: of surrogate pairs. Joiners and variation selectors may: names are written with them.
UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address, and the name that is shown with it."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class WireAddress:
    """An address as SMTP carries it; ``international``: only a server with SMTPUTF8 can take it."""

    text: str
    domain: str
    international: bool = False


def read_address(address: str) -> WireAddress:
    """Return an address as SMTP carries it.

    Raises: AddressError: it is no address, or could carry a header or a command of its own.
    """
    local, _, domain = address.rpartition("@")
    if len(local) > 64 or len(domain) > 253 or UNSAFE.search(address):
        raise _refused("too long, or it holds characters no address may hold")
    if _DOMAIN.fullmatch(domain):
        if _LOCAL.fullmatch(local):
            return WireAddress(address, domain.lower())
        if _DOTTED.fullmatch(local) and len(local) <= 62:
            return WireAddress(f'"{local}"@{domain}', domain.lower())
    return _of_library(address)


def refuse_own(to: WireAddress, sender: str, bounce_domain: str = "") -> None:
    """Raise AddressError for an address of our own: what is sent there comes back to us, and tells nobody."""
    if to.text.lower() == sender.lower() or to.domain == bounce_domain:
        raise _refused("it is an address of our own, and the mail would come back to us")


def _of_library(address: str) -> WireAddress:
    try:
        found = validate_email(
            address, check_deliverability=False, allow_quoted_local=True, test_environment=True
        )
    except EmailNotValidError as error:
        raise _refused(str(error)) from None
    if not _DOMAIN.fullmatch(found.ascii_domain):
        raise _refused("its domain is no domain name")
    if found.ascii_email is None:
        return WireAddress(f"{found.local_part}@{found.ascii_domain}", found.ascii_domain, international=True)
    return WireAddress(found.ascii_email, found.ascii_domain)


def _refused(why: str) -> AddressError:
    """The address itself is not named: it is somebody's."""
    return AddressError(f"the mail address cannot be used: {why}", fix="correct it, or use another channel")
