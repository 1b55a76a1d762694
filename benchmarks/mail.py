"""Mail written, signed and handed over, beside the standard library with dkimpy and Django's send_mail.

``python -m benchmarks.mail [MAILS]`` (2,000 unless said). The server is Postfix' smtp-sink where it is
installed, else the tests' own. What is handed over is signed with RSA-2048; Django's loop signs nothing.
Writing is told by the second of one processor, handing over by the wall clock.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from smtplib import SMTP

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from django.conf import settings
from django.core.mail import send_mail

from ashiato.outside.messages.email.addresses import Mailbox
from ashiato.outside.messages.email.dkim import DkimKey
from ashiato.outside.messages.email.envelope import Envelope
from ashiato.outside.messages.email.mime import Mail, MailWriter
from ashiato.outside.messages.email.pool import SmtpPool
from ashiato.outside.messages.email.server import Server
from ashiato.outside.messages.outcomes import Accepted
from tests.sinks.smtp import SmtpSink

EVERYBODY = 5_100_000
_AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
_LINE = "このたびは、弊社のシステムへの不正なアクセスにより、お客様の情報が閲覧されたことが分かりました。\n"
_TEXT = "山田 段 様\n\n" + _LINE * 12
_PAGE = f"<html><body><p>{_TEXT.replace(chr(10), '</p><p>')}</p></body></html>"
_SUBJECT = "【重要】お客様の情報の漏えいに関するお知らせ"
_SENDER = Mailbox("notice@example.co.jp", "例示ペット保険株式会社")


@cache
def _keys() -> tuple[DkimKey, DkimKey]:
    return (
        DkimKey("example.co.jp", "s1", generate_private_key(65537, 2048)),
        DkimKey("example.co.jp", "s2", Ed25519PrivateKey.generate()),
    )


def _mails(count: int, first: int = 0) -> Iterator[Mail]:
    for number in range(first, first + count):
        to = Mailbox(f"person{number}@example.jp", "山田 段")
        yield Mail(f"n{number:012d}", to, _SENDER, _SUBJECT, _TEXT, _AT, _PAGE)


def _written(count: int, *keys: DkimKey) -> None:
    writer = MailWriter(Envelope("bounce.example.co.jp"), keys)
    for mail in _mails(count):
        writer.write(mail)


def _by_library(mail: Mail, key: bytes | None) -> bytes:
    message = EmailMessage()
    message["From"] = f"{mail.sender.name} <{mail.sender.address}>"
    message["To"] = f"{mail.to.name} <{mail.to.address}>"
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.at)
    message["Message-ID"] = f"<{mail.reference}@bounce.example.co.jp>"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    content = message.as_bytes().replace(b"\n", b"\r\n")
    if key is None:
        return content
    signature: bytes = dkim.sign(content, b"s1", b"example.co.jp", key, canonicalize=(b"relaxed", b"relaxed"))
    return signature + content


def _library_written(count: int, key: bytes | None = None) -> None:
    for mail in _mails(count):
        _by_library(mail, key)


def _pem() -> bytes:
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL)
    return _keys()[0].private.private_bytes(*form, serialization.NoEncryption())


def _handed(port: int, first: int, count: int) -> None:
    writer = MailWriter(Envelope("bounce.example.co.jp"), _keys()[:1])
    with SmtpPool(Server("127.0.0.1", port, "none", own_name="bench"), writer) as pool:
        for mail in _mails(count, first):
            outcome = pool.send(mail)
            if not isinstance(outcome, Accepted):
                raise SystemExit(str(outcome))


def _handed_by(processes: int, port: int, count: int) -> None:
    share = count // processes
    with ProcessPoolExecutor(processes) as pool:
        starts = range(0, share * processes, share)
        for done in [pool.submit(_handed, port, start, share) for start in starts]:
            done.result()


def _library_handed(port: int, count: int) -> None:
    key = _pem()
    with SMTP("127.0.0.1", port, "bench") as link:
        for mail in _mails(count):
            sender = f"bounce-{mail.reference}@bounce.example.co.jp"
            link.sendmail(sender, mail.to.address, _by_library(mail, key))


def _django_handed(port: int, count: int) -> None:
    if not settings.configured:
        settings.configure(EMAIL_HOST="127.0.0.1", EMAIL_PORT=port, USE_I18N=False)
    for mail in _mails(count):
        send_mail(mail.subject, mail.text, mail.sender.address, [mail.to.address], html_message=mail.html)


@contextmanager
def _server() -> Iterator[tuple[str, int]]:
    """A mail server that takes everything: its name and port."""
    program = shutil.which("smtp-sink") or "/usr/sbin/smtp-sink"
    with ExitStack() as ending:
        if not Path(program).exists():
            folder = ending.enter_context(tempfile.TemporaryDirectory())
            yield "the tests' own server", ending.enter_context(SmtpSink(Path(folder))).port
            return
        with socket.create_server(("127.0.0.1", 0)) as free:
            port: int = free.getsockname()[1]
        sink = subprocess.Popen([program, "-u", "nobody", f"127.0.0.1:{port}", "500"])
        ending.callback(sink.wait)
        ending.callback(sink.terminate)
        _await(port)
        yield "smtp-sink", port


def _await(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return


def _rate(
    name: str, count: int, work: Callable[[], None], clock: Callable[[], float] = time.process_time
) -> float:
    began = clock()
    work()
    rate = count / (clock() - began)
    print(f"  {name:46} {rate:8,.0f}/s   {EVERYBODY / rate / 60:8,.0f} min for 5.1 million")
    return rate


def main(count: int) -> None:
    """Print rates and ratios."""
    rsa, ed25519 = _keys()
    few = max(50, count // 10)
    pem = _pem()
    print(f"Writing, one process, {count:,} mails (dkimpy: {few:,})")
    plain = _rate("ours, unsigned", count, lambda: _written(count))
    signed = _rate("ours, RSA-2048", count, lambda: _written(count, rsa))
    _rate("ours, Ed25519", count, lambda: _written(count, ed25519))
    _rate("ours, both", count, lambda: _written(count, rsa, ed25519))
    library = _rate("standard library, unsigned", few, lambda: _library_written(few))
    theirs = _rate("standard library and dkimpy, RSA-2048", few, lambda: _library_written(few, pem))
    with _server() as (name, port):
        print(f"Writing, signing and handing over to {name}")
        wall = time.perf_counter
        one = _rate("ours, one process", count, lambda: _handed_by(1, port, count), wall)
        two = _rate("ours, two processes", count, lambda: _handed_by(2, port, count), wall)
        slow = _rate("smtplib, library and dkimpy", few, lambda: _library_handed(port, few), wall)
        loop = _rate("Django's send_mail, unsigned", few, lambda: _django_handed(port, few), wall)
    print(
        f"Ours: written {plain / library:.1f} times as fast as by the library, signed {signed / theirs:.1f},"
    )
    print(
        f"handed over {one / slow:.1f}, by two processes {two / slow:.1f}; {one / loop:.1f} of Django's loop"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
