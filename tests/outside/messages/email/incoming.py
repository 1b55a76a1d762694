"""Messages as they come in at the address for bounces: delivery reports, complaints, answers."""

from __future__ import annotations

REFERENCE = "n0000000000000001"
TO = f"bounce-{REFERENCE}@bounce.example.co.jp"
MESSAGE_ID = f"<{REFERENCE}@bounce.example.co.jp>"

_RETURNED = f"From: notice@example.co.jp\r\nTo: dan@example.jp\r\nMessage-ID: {MESSAGE_ID}\r\nSubject: x\r\n"


def delivery_status(
    status: str = "5.1.1",
    action: str = "failed",
    words: str = "smtp; 550 5.1.1 <dan@example.jp>: user unknown",
    message_id: str = MESSAGE_ID,
    form: str = "message/rfc822",
) -> bytes:
    """A delivery report as Postfix writes it (RFC 3464)."""
    return f"""Return-Path: <>\r
From: MAILER-DAEMON@mx.example.jp (Mail Delivery System)\r
To: {TO}\r
Subject: Undelivered Mail Returned to Sender\r
Auto-Submitted: auto-replied\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r
Message-ID: <20261122.AAAA@mx.example.jp>\r
\r
--B\r
Content-Type: text/plain; charset=us-ascii\r
\r
I'm sorry to have to inform you that your message could not be delivered.\r
\r
--B\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mx.example.jp\r
X-Postfix-Queue-ID: AAAA\r
\r
Final-Recipient: rfc822; dan@example.jp\r
Action: {action}\r
Status: {status}\r
Diagnostic-Code: {words}\r
\r
--B\r
Content-Type: {form}\r
\r
{_RETURNED.replace(MESSAGE_ID, message_id)}\r
\r
--B--\r
""".encode()


EXIM = f"""Return-path: <>\r
From: Mail Delivery System <Mailer-Daemon@mx.example.jp>\r
To: {TO}\r
Subject: Mail delivery failed: returning message to sender\r
X-Failed-Recipients: dan@example.jp\r
Auto-Submitted: auto-replied\r
\r
This message was created automatically by mail delivery software.\r
\r
A message that you sent could not be delivered to one or more of its\r
recipients. This is a permanent error. The following address(es) failed:\r
\r
  dan@example.jp\r
    Unknown user\r
\r
------ This is a copy of the message, including all the headers. ------\r
\r
{_RETURNED}""".encode()

COMPLAINT = f"""From: fbl@provider.example\r
To: {TO}\r
Subject: FW: complaint\r
Content-Type: multipart/report; report-type=feedback-report; boundary="B"\r
\r
--B\r
Content-Type: text/plain\r
\r
This is an email abuse report.\r
--B\r
Content-Type: message/feedback-report\r
\r
Feedback-Type: FEEDBACK\r
User-Agent: SomeGenerator/1.0\r
Version: 1\r
\r
--B\r
Content-Type: message/rfc822\r
\r
{_RETURNED}\r
--B--\r
""".encode()


def answer(subject: str, *headers: str) -> bytes:
    """A message somebody, or somebody's machine, wrote."""
    lines = [
        f"From: dan@example.jp\r\nTo: {TO}\r\nSubject: {subject}\r\n",
        *(f"{each}\r\n" for each in headers),
    ]
    return "".join([*lines, "\r\nThank you, I have read it.\r\n"]).encode()
