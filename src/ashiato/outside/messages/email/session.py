"""One SMTP connection, and the exact outcome of one mail handed over on it.

Nothing is accepted before the reply to the line with the final dot: whatever goes wrong earlier is proof that
nothing was taken; once that line may have left the machine, only its reply tells, and without it the mail is
in doubt (RFC 1047 tells how duplicates come of believing otherwise). A mail has one recipient. Where the
server allows it, sender, recipient and DATA go out in one piece (RFC 2920).
Source: RFC 5321 3.3, 4.2, 4.5.3; RFC 2920; RFC 6531 (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ashiato.outside.messages.email.mime import WrittenMail
from ashiato.outside.messages.email.refusals import Phase, refusal
from ashiato.outside.messages.email.wire import Reply, Wire, WireError
from ashiato.outside.messages.outcomes import (
    TOO_LATE,
    Accepted,
    InDoubt,
    NotAccepted,
    Outcome,
    Still,
    always,
    shown,
)

_LOST = (OSError, WireError)
_PHASES: tuple[Phase, ...] = ("mail", "rcpt", "data")


@dataclass(frozen=True, slots=True)
class Terms:
    """What the server offers, and how long we wait: seconds for a reply, and for the one to the final dot."""

    pipelining: bool = False
    international: bool = False
    timeout: float = 60.0
    dot_timeout: float = 600.0


class Session:
    """One open connection; not to be shared between threads."""

    def __init__(self, wire: Wire, terms: Terms) -> None:
        """Take over a line on which greeting, TLS and sign-in are done."""
        self._wire = wire
        self._terms = terms
        self.usable = True
        #: Whether the server was found gone before it answered anything of the last mail.
        self.hung_up = False

    def hand_over(self, mail: WrittenMail, still: Still = always) -> Outcome:
        """Offer one mail, once; ``still`` is asked right before its end is sent."""
        if mail.to.international and not self._terms.international:
            cause = "the server takes no international addresses (SMTPUTF8)"
            return NotAccepted(cause, permanent=True, about="recipient")
        try:
            refused = self._announce(mail) if self.alive() else self._gone("it spoke unasked, or hung up")
        except _LOST as error:
            return self._gone(_why(error))
        try:
            return refused or self._content(mail.content, still)
        except _LOST as error:
            return self._lost("before the mail's end was sent", _why(error))

    def alive(self) -> bool:
        """Whether the server has neither hung up nor spoken since the last mail."""
        if not self._wire.quiet():
            self.usable = False
        return self.usable

    def close(self) -> None:
        """Say goodbye where there is anybody left, and hang up."""
        if self.usable:
            self.usable = False
            try:
                self._wire.send(b"QUIT\r\n", 5.0)
                self._wire.reply(5.0)
            except _LOST:
                pass
        self._wire.close()

    def _announce(self, mail: WrittenMail) -> NotAccepted | None:
        """Name sender and recipient and ask to begin; the first refusal ends the transaction."""
        option = " SMTPUTF8" if mail.to.international else ""
        words = (f"MAIL FROM:<{mail.sender}>{option}\r\n", f"RCPT TO:<{mail.to.text}>\r\n", "DATA\r\n")
        replies = self._replies([word.encode("utf-8") for word in words])
        refused = [
            refusal(phase, reply.code, reply.text)
            for phase, reply in zip(_PHASES, replies, strict=False)
            if reply.kind != (3 if phase == "data" else 2)
        ]
        if not refused:
            return None
        # A server that refused and yet waits for a text gets none: an empty one it might deliver.
        if any(reply.code == 421 or reply.kind == 3 for reply in replies):
            self.usable = False
        else:
            self._reset()
        return refused[0]

    def _replies(self, words: Sequence[bytes]) -> list[Reply]:
        if self._terms.pipelining:
            self._wire.send(b"".join(words), self._terms.timeout)
            return [self._wire.reply(self._terms.timeout) for _ in words]
        replies: list[Reply] = []
        for word in words:
            if replies and replies[-1].kind != 2:
                break
            self._wire.send(word, self._terms.timeout)
            replies.append(self._wire.reply(self._terms.timeout))
        return replies

    def _content(self, content: bytes, still: Still) -> Outcome:
        """Send the text, and then its end by itself: only that one can have been taken."""
        self._wire.send(stuffed(content), self._terms.timeout)
        if not self._wire.quiet():
            raise WireError("the server spoke before the mail's end")
        if not still():
            self.usable = False
            return TOO_LATE
        try:
            self._wire.send(b".\r\n", self._terms.timeout)
            reply = self._wire.reply(self._terms.dot_timeout)
        except _LOST as error:
            self.usable = False
            return InDoubt(f"no answer to the final dot: {_why(error)}")
        return self._verdict(reply)

    def _verdict(self, reply: Reply) -> Outcome:
        self.usable = reply.kind != 3 and reply.code != 421
        if reply.kind == 2:
            return Accepted(shown(reply.text))
        if reply.kind == 3:
            return InDoubt(f"an answer to the final dot that means nothing: {reply.code} {shown(reply.text)}")
        return refusal("dot", reply.code, reply.text)

    def _gone(self, why: str) -> NotAccepted:
        self.hung_up = True
        return self._lost("before the mail was offered", why)

    def _lost(self, when: str, why: str) -> NotAccepted:
        self.usable = False
        return NotAccepted(f"the connection was lost {when}: {why}", permanent=False)

    def _reset(self) -> None:
        """Leave a refused transaction behind; a server that does not follow is left."""
        try:
            self._wire.send(b"RSET\r\n", self._terms.timeout)
            self.usable = self._wire.reply(self._terms.timeout).kind == 2
        except _LOST:
            self.usable = False


def stuffed(content: bytes) -> bytes:
    """Return a text as DATA carries it before the final dot: dots at line starts doubled, last line ended."""
    text = content.replace(b"\r\n.", b"\r\n..")
    text = b"." + text if text.startswith(b".") else text
    return text if text.endswith(b"\r\n") else text + b"\r\n"


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return shown(str(error)) or type(error).__name__
