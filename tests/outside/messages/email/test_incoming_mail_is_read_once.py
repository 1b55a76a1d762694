"""What our mail server laid down is read in order, believed about its recipient, and read once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ashiato.outside.messages.email.maildir import leave_to_the_desk, mark_read, read_incoming
from ashiato.outside.messages.email.reports import read_report
from ashiato.outside.messages.outcomes import MessageError
from tests.outside.messages.email.incoming import REFERENCE, TO, delivery_status
from tests.outside.messages.email.mails import ENVELOPE

_TOP = f"Return-Path: <>\nX-Original-To: {TO}\nDelivered-To: {TO}\nReceived: by mx.example.co.jp\n"


def _maildir(folder: Path, **mails: str | bytes) -> Path:
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(exist_ok=True)
    for name, content in mails.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / "new" / name).write_bytes(data)
    return folder


def test_a_report_is_read_with_its_recipient(tmp_path: Path) -> None:
    foreign = delivery_status(message_id="<other@elsewhere.example>").replace(b"\r\n", b"\n")
    (found,) = read_incoming(_maildir(tmp_path, a=_TOP.encode() + foreign))
    report = read_report(found.content, ENVELOPE, found.to)
    assert (found.to, report.kind, report.reference) == (TO, "failed", REFERENCE)


@pytest.mark.parametrize(
    "content",
    [
        f"Received: by mx\nDelivered-To: {TO}\n\nx",
        f"Subject: x\nX-Original-To: {TO}\n\nx",
        f"\nDelivered-To: {TO}\n",
        f"Return-Path: <>\n\nDelivered-To: {TO}\n",
        "",
    ],
)
def test_a_recipient_that_the_sender_wrote_is_not_believed(tmp_path: Path, content: str) -> None:
    (found,) = read_incoming(_maildir(tmp_path, a=content))
    assert found.to == ""


def test_the_address_as_it_was_sent_to_goes_first(tmp_path: Path) -> None:
    mail = f"Delivered-To: bounces@localhost\nX-Original-To: {TO}\nReceived: by mx\n\nx"
    (found,) = read_incoming(_maildir(tmp_path, a=mail))
    assert found.to == TO


def test_what_was_read_is_not_read_again(tmp_path: Path) -> None:
    maildir = _maildir(tmp_path, b="two", a="one", c="three")
    first = list(read_incoming(maildir))
    assert [each.content for each in first] == [b"one", b"two", b"three"]
    mark_read(first[1])
    leave_to_the_desk(first[2])
    assert [each.content for each in read_incoming(maildir)] == [b"one"]
    assert [each.content for each in read_incoming(maildir / ".desk")] == [b"three"]
    assert [path.name for path in (maildir / "cur").iterdir()] == ["b:2,S"]


def test_only_plain_files_are_mail(tmp_path: Path) -> None:
    maildir = _maildir(tmp_path, a="one")
    (maildir / "new" / "link").symlink_to(maildir / "new" / "a")
    (maildir / "new" / "inner").mkdir()
    (maildir / "new" / ".hidden").write_text("x")
    os.mkfifo(maildir / "new" / "pipe")
    assert [each.content for each in read_incoming(maildir)] == [b"one"]
    with pytest.raises(MessageError, match="no Maildir"):
        list(read_incoming(tmp_path / "none"))


def test_a_huge_mail_is_cut(tmp_path: Path) -> None:
    (found,) = read_incoming(_maildir(tmp_path, a=_TOP.encode() + b"x" * 3_000_000))
    assert (found.to, len(found.content)) == (TO, 1024 * 1024)
