"""Alarms by mail: plain text from a mailbox of the operator's own, one connection each."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from ashiato.outside.messages.alarms.alarm_text import AlarmText
from ashiato.outside.messages.email.addresses import read_address
from ashiato.outside.messages.email.mime import WrittenMail
from ashiato.outside.messages.email.server import Server, open_session
from ashiato.outside.messages.outcomes import MessageError, NotAccepted, Outcome, Still, always


@dataclass(frozen=True, slots=True)
class MailWay:
    """A member of staff's mailbox, and the server that takes mail for it."""

    server: Server
    sender: str
    to: str

    def send(self, message: AlarmText, still: Still = always) -> Outcome:
        """Offer one alarm once and say exactly what became of it."""
        try:
            written = WrittenMail(
                message.reference, self.sender, read_address(self.to), self._content(message)
            )
        except MessageError as error:
            return NotAccepted(str(error), permanent=True, about=error.about)
        opened = open_session(self.server)
        if isinstance(opened, NotAccepted):
            return opened
        try:
            return opened.hand_over(written, still)
        finally:
            opened.close()

    def _content(self, message: AlarmText) -> bytes:
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Subject"] = self.sender, self.to, message.subject
        mail["Date"] = format_datetime(message.at)
        # The same at every try: where two were taken, a mail program shows one.
        mail["Message-ID"] = f"<{message.reference}@{read_address(self.sender).domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Priority"] = "1"
        mail.set_content(message.text, cte="base64")
        return mail.as_bytes()
