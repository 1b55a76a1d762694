"""Open connections to one mail server, used again and again; safe for many threads."""

from __future__ import annotations

import queue
from types import TracebackType
from typing import Self

from ashiato.outside.messages.email.mime import Mail, MailWriter, WrittenMail
from ashiato.outside.messages.email.server import Server, open_session
from ashiato.outside.messages.email.session import Session
from ashiato.outside.messages.outcomes import MessageError, NotAccepted, Outcome, Still, always

#: Mails on one connection before it is opened anew: many servers hang up after a hundred or a thousand.
_MAILS = 500


class SmtpPool:
    """A sender of mails: writes, signs and hands over each once, and tells what became of it."""

    def __init__(self, server: Server, writer: MailWriter, mails_per_connection: int = _MAILS) -> None:
        """Nothing is opened before the first mail."""
        self._server = server
        self._writer = writer
        self._mails = mails_per_connection
        self._idle: queue.LifoQueue[tuple[Session, int]] = queue.LifoQueue()

    def __enter__(self) -> Self:
        """Use the pool in a ``with``: its end closes every idle connection."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close what is open."""
        self.close()

    def send(self, message: Mail, still: Still = always) -> Outcome:
        """Hand over one mail, on an idle connection or a new one."""
        try:
            written = self._writer.write(message)
        except MessageError as error:
            return NotAccepted(str(error), permanent=error.about != "service", about=error.about)
        return self.hand_over(written, still)

    def hand_over(self, written: WrittenMail, still: Still = always) -> Outcome:
        """Hand over a mail that is written already."""
        kept = self._kept()
        if kept is not None:
            outcome = self._on(*kept, written, still)
            if not kept[0].hung_up:
                return outcome
        # A server may hang up on a connection left idle: nothing was offered on it, so a new one may be.
        opened = open_session(self._server)
        return opened if isinstance(opened, NotAccepted) else self._on(opened, 0, written, still)

    def _on(self, session: Session, used: int, written: WrittenMail, still: Still) -> Outcome:
        outcome = session.hand_over(written, still)
        if session.usable and used + 1 < self._mails:
            self._idle.put((session, used + 1))
        else:
            session.close()
        return outcome

    def close(self) -> None:
        """Close every idle connection."""
        while True:
            try:
                session, _ = self._idle.get_nowait()
            except queue.Empty:
                return
            session.close()

    def _kept(self) -> tuple[Session, int] | None:
        """An idle connection on which the server has not hung up meanwhile."""
        while True:
            try:
                session, used = self._idle.get_nowait()
            except queue.Empty:
                return None
            if session.alive():
                return session, used
            session.close()
