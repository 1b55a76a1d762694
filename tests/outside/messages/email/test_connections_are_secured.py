"""Mail goes over TLS to a server that proves its name, and the password to nobody else."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from ashiato.outside.messages.email.mime import MailWriter
from ashiato.outside.messages.email.pool import SmtpPool
from ashiato.outside.messages.email.server import Server
from ashiato.outside.messages.outcomes import Accepted, NotAccepted, Outcome
from ashiato.outside.messages.secrets import Secret
from tests.certificates import write_certificate
from tests.outside.messages.email.mails import ENVELOPE, NOTICE, notice, written

_PASSWORD = Secret(b"hunter2\n")


def _certified(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate of 127.0.0.1 that vouches for itself, and a server's context of it."""
    certificate, key = write_certificate(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return certificate, context


class _Keeping(Sink):
    """Keeps what was taken and which passwords were shown."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.passwords: list[bytes] = []

    async def handle_DATA(  # noqa: N802 - the library's own
        self, _server: object, _session: object, envelope: Envelope
    ) -> str:
        self.taken.append(envelope)
        await asyncio.sleep(0)
        return "250 2.0.0 taken"

    def allow(self, *told: object) -> AuthResult:
        said = told[-1]
        assert isinstance(said, LoginPassword)
        self.passwords.append(said.password)
        return AuthResult(success=said.password == b"hunter2", handled=False)


@contextmanager
def _running(context: ssl.SSLContext) -> Iterator[tuple[_Keeping, Server]]:
    keeping = _Keeping()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    controller = Controller(
        keeping, "127.0.0.1", port, tls_context=context, require_starttls=True, auth_required=True,
        authenticator=keeping.allow, ready_timeout=10,
    )  # fmt: skip
    controller.start()
    try:
        yield keeping, Server("127.0.0.1", port, user="notice", password=_PASSWORD, timeout=5, own_name="me")
    finally:
        controller.stop()


_DOTS = notice(text=".\n..\n\n. x\nend")


def _sent(server: Server) -> Outcome:
    with SmtpPool(server, MailWriter(ENVELOPE)) as pool:
        return pool.send(_DOTS)


def test_mail_goes_over_tls_to_a_server_that_is_known(tmp_path: Path) -> None:
    certificate, context = _certified(tmp_path)
    with _running(context) as (keeping, server):
        stranger = _sent(server)
        assert keeping.passwords == []
        known = replace(server, ca_file=str(certificate))
        wrong = _sent(replace(known, password=Secret(b"other")))
        odd = _sent(replace(known, password=Secret("パス".encode())))
        plain = _sent(replace(known, security="tls"))
        outcome = _sent(known)
    assert outcome == Accepted("2.0.0 taken")
    (taken,) = keeping.taken
    assert taken.content == written(_DOTS)
    assert (taken.mail_from, taken.rcpt_tos) == (ENVELOPE.address_of(NOTICE.reference), ["dan@example.jp"])
    for refused in (stranger, wrong, odd, plain):
        assert isinstance(refused, NotAccepted)
        assert (refused.permanent, refused.about) == (False, "service")
        assert "hunter2" not in refused.cause
        assert "other" not in refused.cause
