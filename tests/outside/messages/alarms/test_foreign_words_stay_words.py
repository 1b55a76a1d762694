"""Words out of logs stay words in every channel; each channel is the real one, over real sockets."""

from __future__ import annotations

import asyncio
import email
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from apprise.plugins.slack import NotifySlack
from hypothesis import given
from hypothesis import strategies as st

from ashiato.outside.messages.alarms.alarm_text import AlarmText, defused
from ashiato.outside.messages.alarms.heartbeat import show_life
from ashiato.outside.messages.alarms.mail import MailWay
from ashiato.outside.messages.alarms.service import ServiceWay
from ashiato.outside.messages.email.server import Server
from ashiato.outside.messages.outcomes import TOO_LATE, Accepted, InDoubt, MessageError, NotAccepted
from ashiato.outside.messages.secrets import Secret
from tests.certificates import write_certificate
from tests.sinks.webhook import Webhook

_HOSTILE = (
    "a<!channel> <@U123> [x](https://evil.example/) *b* `c`\r\nBcc: x@evil.example\r\n.\r\n\u202e&<b>|~"
)
_AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
_MESSAGE = AlarmText("alarm-0123456789", "見出し", f"前\n{defused(_HOSTILE)}\n.後", _AT)
_MARKS = re.compile(r"[<>&*`\[\]()|~@\r\u202e]|://")


@given(st.text(max_size=300))
def test_nothing_defused_holds_a_mark(text: str) -> None:
    told = defused(text)
    assert not _MARKS.search(told)
    assert "\n" not in told
    assert len(told) <= 160


@given(st.from_regex(r"[A-Za-z0-9_/.:\-]{1,60}", fullmatch=True).filter(lambda text: "//" not in text))
def test_a_file_and_its_line_stand_as_they_are(text: str) -> None:
    assert defused(text) == text or "www." in text.lower()


class _Kept:
    """Keeps what a mail server takes."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], bytes]] = []

    async def handle_DATA(  # noqa: N802 - the library's own name
        self, _server: Any, _session: Any, envelope: Any
    ) -> str:
        self.taken.append((envelope.rcpt_tos, envelope.content))
        return "250 ok"


class _AtAnyPort(Controller):
    """A mail server at a port that is free."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # the library has no types


def test_a_mail_carries_the_words_and_goes_to_nobody_else() -> None:
    kept = _Kept()
    controller = _AtAnyPort(kept, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        way = MailWay(
            Server("127.0.0.1", controller.port, "none"), "guard@clinic.example", "duty@clinic.example"
        )
        assert isinstance(way.send(_MESSAGE), Accepted)
        assert way.send(_MESSAGE, lambda: False) == TOO_LATE
        bad = replace(way, to="duty@clinic.example\nBcc: x")
        assert isinstance(bad.send(_MESSAGE), NotAccepted)
    finally:
        controller.stop()
    ((recipients, content),) = kept.taken
    mail = email.message_from_bytes(content, policy=default)
    assert recipients == ["duty@clinic.example"]
    assert mail["Subject"] == "見出し"
    assert mail["Message-ID"] == "<alarm-0123456789@clinic.example>"
    assert mail["Bcc"] is None
    assert mail.get_content().replace("\r\n", "\n").rstrip("\n") == _MESSAGE.text


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Webhook]:
    folder: Path = tmp_path_factory.mktemp("secured")
    write_certificate(folder)
    with Webhook(folder) as started:
        yield started


@pytest.mark.slow  # Apprise reads all its services first, some of which warn
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")
def test_slack_teams_and_a_webhook_show_the_words_as_words(
    secured: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = f"127.0.0.1:{secured.port}"
    # Slack's address is the one thing of Apprise's that is changed: its own would leave the machine.
    monkeypatch.setattr(NotifySlack, "webhook_url", f"https://{here}/slack")
    slack = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/?verify=no"
    addresses = (f"jsons://{here}/hook?verify=no", f"workflows://{here}/{'w' * 20}/{'s' * 20}/?verify=no")
    for address in addresses:
        assert isinstance(ServiceWay(Secret(address.encode())).send(_MESSAGE), Accepted)
    monkeypatch.setattr("ashiato.outside.messages.alarms.service.is_this_machine", lambda _: True)
    assert isinstance(ServiceWay(Secret(slack.encode())).send(_MESSAGE), Accepted)
    assert [each["path"].split("/")[1] for each in secured.accepted()] == ["hook", "workflows", "slack"]
    for body in secured.bodies():
        texts = " ".join(map(str, _leaves(json.loads(body))))
        assert "見出し" in texts
        assert "a%3C%21channel%3E" in texts
        assert "<!channel>" not in texts
        assert "](http" not in texts
    secured.set_faults({"phase": "connect", "act": "reply", "code": 500})
    assert isinstance(ServiceWay(Secret(addresses[0].encode())).send(_MESSAGE), InDoubt)
    secured.set_faults()


@pytest.mark.slow  # Apprise reads all its services first, some of which warn
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "address",
    [b"nowhere://x", b"json://hooks.example/x", b"jsons://hooks.example/x?verify=no", b"jsons://h/x?retry=3"],
)
def test_an_address_that_tells_others_is_refused(address: bytes) -> None:
    with pytest.raises(MessageError):
        ServiceWay(Secret(address))


def test_a_sign_of_life_goes_in_secret_or_not_at_all(tmp_path: Path) -> None:
    for refused in ("http://watch.example/ping", "file:///etc/passwd", "ftp://127.0.0.1/"):
        with pytest.raises(MessageError):
            show_life(Secret(refused.encode()))
    with Webhook(tmp_path) as hook:
        address = Secret(f"http://127.0.0.1:{hook.port}/ping".encode())
        assert not show_life(address)
        hook.set_faults({"phase": "connect", "act": "reply", "code": 503})
        assert show_life(address)
    assert show_life(address)
    assert [each["path"] for each in hook.accepted()] == ["/ping"]


def test_a_sign_of_life_follows_nobody_elsewhere(tmp_path: Path) -> None:
    with Webhook(tmp_path) as hook, _redirecting(f"http://127.0.0.1:{hook.port}/elsewhere") as port:
        assert show_life(Secret(f"http://127.0.0.1:{port}/ping".encode()))
        assert not hook.accepted()


@contextmanager
def _redirecting(to: str) -> Iterator[int]:
    """A server that sends everybody elsewhere; yields its port."""

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", to)
            self.end_headers()

    server = HTTPServer(("127.0.0.1", 0), Elsewhere)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _leaves(each)
    else:
        yield value
