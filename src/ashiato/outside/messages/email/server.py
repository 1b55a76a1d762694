"""Which mail server takes our mail, and a connection to it: secured, signed in, ready for mails."""

from __future__ import annotations

import smtplib
import socket
import ssl
from dataclasses import dataclass
from typing import Literal

from ashiato.outside.messages.email.session import Session, Terms
from ashiato.outside.messages.email.wire import Wire
from ashiato.outside.messages.nearness import is_this_machine
from ashiato.outside.messages.outcomes import MessageError, NotAccepted, shown
from ashiato.outside.messages.secrets import Secret


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server as the configuration names it; ``timeout`` and ``dot_timeout`` in seconds."""

    host: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: Secret | None = None
    ca_file: str = ""
    own_name: str = ""
    timeout: float = 60.0
    #: RFC 5321 4.5.3.2.6 asks for ten minutes: a shorter time puts more mails in doubt.
    dot_timeout: float = 600.0

    def __post_init__(self) -> None:
        """Refuse notices in clear text over a network."""
        if self.security == "none" and (self.user or not is_this_machine(self.host)):
            raise MessageError(
                "without TLS mail is handed only to this machine's own server, and no password is sent",
                fix="set security to starttls or tls",
            )


def open_session(server: Server) -> Session | NotAccepted:
    """Connect, secure and sign in; what fails is everybody's matter and never for good."""
    try:
        link = _connect(server)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        return NotAccepted(f"no connection to the mail server: {_why(error)}", permanent=False)
    sock = link.sock
    assert isinstance(sock, socket.socket)  # noqa: S101 - just connected
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    terms = Terms(link.has_extn("pipelining"), link.has_extn("smtputf8"), server.timeout, server.dot_timeout)
    return Session(Wire(sock), terms)


def _connect(server: Server) -> smtplib.SMTP:
    """A link after greeting, EHLO, TLS and sign-in."""
    link = _link(server)
    try:
        if server.security == "starttls":
            link.starttls(context=_context(server))
        link.ehlo_or_helo_if_needed()
        if server.user and server.password is not None:
            link.login(server.user, server.password.text)
    except BaseException:
        link.close()
        raise
    return link


def _link(server: Server) -> smtplib.SMTP:
    name = server.own_name or None
    if server.security == "tls":
        return smtplib.SMTP_SSL(
            server.host, server.port, name, timeout=server.timeout, context=_context(server)
        )
    return smtplib.SMTP(server.host, server.port, name, timeout=server.timeout)


def _context(server: Server) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=server.ca_file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _why(error: Exception) -> str:
    """The error in short; an answer to a sign-in may repeat what was sent, and is not shown."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"sign-in refused ({error.smtp_code})"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {shown(error.smtp_error)}"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ValueError) and not isinstance(error, OSError):
        return "its name, the user or the password holds characters that cannot be sent"
    return shown(str(error)) or type(error).__name__
