"""Receivers that anybody could write to are refused, each with its line; so are tokens that are none."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ashiato.guard.receivers import read_token
from ashiato.guard.settings import load_settings
from ashiato.terms.errors import GuardError
from tests.guard.receiving.senders import TOKEN, free_port, post, write_settings

INSIDE = {"name": "a", "protocol": "http", "listen": "127.0.0.1:8088"}
TLS = {"certificate": "c.pem", "key": "k.pem"}


@pytest.mark.parametrize(
    ("receivers", "what"),
    [
        ([INSIDE | {"listen": "0.0.0.0:8088", "token_file": "token"}], "plain HTTP beyond this machine"),
        ([INSIDE | TLS | {"protocol": "https", "listen": "[::]:8088"}], "anybody could write here"),
        ([INSIDE | {"protocol": "syslog-udp", "listen": "192.0.2.1:514"}], "anybody could write here"),
        ([INSIDE | TLS | {"protocol": "syslog-tls", "listen": "192.0.2.1:514"}], "anybody could write here"),
        ([INSIDE | {"listen": "localhost:8088"}], "no address and port"),
        ([INSIDE | {"protocol": "https"}], "go with TLS"),
        ([INSIDE | {"senders": ["192.0.2.1/24"]}], "is no network"),
        ([INSIDE | {"clients_by": "c.pem"}], "only TLS knows"),
        ([INSIDE | {"protocol": "syslog-tcp", "line_in": "log"}], "go with http and https"),
        ([INSIDE, INSIDE], "another receiver has this name"),
        ([INSIDE | {"name": "../../etc/cron.d/x"}], "name"),
    ],
)
def test_what_is_open_is_refused(tmp_path: Path, receivers: list[dict[str, Any]], what: str) -> None:
    write_settings(tmp_path, receivers)
    with pytest.raises(GuardError, match=re.escape(what)):
        load_settings(tmp_path)


def test_what_names_its_senders_is_opened(tmp_path: Path) -> None:
    udp = {"name": "b", "protocol": "syslog-udp", "listen": "0.0.0.0:514", "senders": ["192.0.2.0/24"]}
    write_settings(tmp_path, [INSIDE, udp])
    settings = load_settings(tmp_path)
    assert [each.files for each in settings.sources] == [str(tmp_path / f"spool/{name}.log") for name in "ab"]
    assert settings.receivers[1].may_send("192.0.2.9")
    assert settings.receivers[1].may_send("::ffff:192.0.2.9")
    assert not settings.receivers[1].may_send("192.0.3.9")


@pytest.mark.parametrize(("text", "mode"), [("short", 0o600), (TOKEN, 0o644), ("\x01" * 40, 0o600)])
def test_tokens_that_are_none_are_refused(tmp_path: Path, text: str, mode: int) -> None:
    path = tmp_path / "token"
    path.write_text(text, encoding="ascii")
    path.chmod(mode)
    with pytest.raises(GuardError, match=r"token: .*`chmod 600`"):
        read_token(path)


@pytest.mark.slow
def test_what_was_answered_outlives_a_kill(tmp_path: Path) -> None:
    """SIGKILL between requests and among them: each line that was answered is there, in its order."""
    port = free_port()
    write_settings(tmp_path, [INSIDE | {"listen": f"127.0.0.1:{port}", "token_file": "token"}])
    command = [
        sys.executable,
        "-c",
        "from ashiato.cli.main import app; app()",
        "guard",
        "receive",
        str(tmp_path),
    ]
    answered: list[str] = []
    for life in range(2):
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as served:
            assert served.stderr is not None
            assert "listen" in served.stderr.readline()
            for number in range(15):
                line = f'{{"life":{life},"number":{number}}}'
                assert post(port, line.encode())[0] == 200
                answered.append(line)
            served.kill()
    assert (tmp_path / "spool" / "a.log").read_text("ascii").splitlines() == answered
