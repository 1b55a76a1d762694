"""What Linux programs say of people: one sign-in per attempt, with outcome, account and address."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ashiato.engine.reading.host_messages import row_of_host
from ashiato.engine.reading.wrappings import Opened
from ashiato.terms.times import us_of

NOW = (us_of(datetime(2026, 5, 12, tzinfo=UTC)), 1_000_000)


@pytest.mark.parametrize(
    ("program", "message", "said"),
    [
        ("sshd", "Accepted publickey for ann from 203.0.113.9 port 22 ssh2: RSA SHA256:x",
            ("host-sign-in", "success", "ann", "203.0.113.9")),
        ("sshd", "Failed password for invalid user a b from 2001:db8::1 port 22 ssh2",
            ("host-sign-in", "failure", "a b", "2001:db8::1")),
        ("sshd", "Failed password for x from 198.51.100.1 port 1 ssh2 from 203.0.113.9 port 22 ssh2",
            ("host-sign-in", "failure", "x from 198.51.100.1 port 1 ssh2", "203.0.113.9")),
        ("sshd-session", "Invalid user  from 203.0.113.9 port 22",
            ("host-message", "failure", None, "203.0.113.9")),
        ("sshd", "pam_unix(sshd:auth): authentication failure; logname= uid=0 rhost=203.0.113.9  user=ann",
            ("host-message", "failure", "ann", "203.0.113.9")),
        ("login", "pam_unix(login:auth): authentication failure; logname=LOGIN uid=0 rhost= user=ann",
            ("host-sign-in", "failure", "ann", None)),
        ("sshd", "pam_unix(sshd:session): session closed for user ann",
            ("host-sign-out", None, "ann", None)),
        ("sudo", "     ann : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh -c x ; y",
            ("host-message", "success", "ann", None)),
        ("sudo", "  ann : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh",
            ("host-message", "failure", "ann", None)),
        ("su", "(to root) ann on pts/3", ("host-sign-in", "success", "ann", None)),
        ("kernel", "Accepted password for ann from 203.0.113.9 port 22 ssh2",
            ("host-message", None, None, None)),
    ],
)  # fmt: skip
def test_each_message_says_who_and_whence(
    program: str, message: str, said: tuple[str, str | None, str | None, str | None]
) -> None:
    row = row_of_host(Opened(0, 0, message.encode(), NOW, "web1", program, "5"), "syslog")
    told = tuple(row.get(name) for name in ("record_kind", "status", "actor_user_name", "src_endpoint_ip"))
    assert told == said
    assert row["source_format"] == ("syslog" if program == "kernel" else "linux-auth")
    assert row["message"] == message


def test_long_hostile_words_take_no_time() -> None:
    for text in (
        "Invalid user " + " from" * 100_000,
        "a" * 1_000_000,
        "::" * 500_000,
        ": " * 300_000 + "COMMAND=",
    ):
        assert row_of_host(Opened(0, 0, text.encode(), NOW, program="sshd"), "syslog")["message"] == text
        assert row_of_host(Opened(0, 0, text.encode(), NOW, program="sudo"), "syslog")["message"] == text
