"""The channels that the operator's file sets up: who hands over what, and who is asked afterwards."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ashiato.letters.notices.profile import Profile, profile_of
from ashiato.outside.messages.post.printer import Printer
from ashiato.rooms.notifying.api import (
    Asked,
    CallHands,
    Channel,
    Composer,
    Handing,
    Hands,
    LetterHands,
    MailHand,
    Pace,
    PrinterAsked,
    ProviderHand,
    TextHand,
    envelope_of,
    find_mail_log,
    open_gateway,
    open_pool,
    open_provider,
    open_throttle,
    take_bounces,
)
from ashiato.terms.errors import ServerError

CALLS = "calls"
_LETTERS = 1_000
_MAILS, _MAILS_TOGETHER = 2_000, 100
#: Seconds a batch of letters may take to be set and copied.
_BATCH_S = 600.0


@dataclass(frozen=True)
class Channels:
    """What ``server.yaml`` says of each channel; paths in it stand beside it."""

    said: Mapping[str, Any]
    home: Path

    @contextmanager
    def open(self, name: str, composer: Composer) -> Generator[Hands]:
        """Yield who hands over by a channel, as its section is named, in this process."""
        said = self.said[name]
        if name == "mail" and "provider" in said:
            with closing(open_provider(said, self.home)) as provider:
                yield Handing({Channel.EMAIL: ProviderHand(composer, provider)})
        elif name == "mail":
            with open_pool(said, self.home) as pool:
                yield Handing({Channel.EMAIL: MailHand(composer, pool, open_throttle(said, 1))})
        elif name == "sms":
            with closing(open_gateway(said, self.home)) as gateway:
                yield Handing({Channel.SMS: TextHand(composer, gateway)})
        elif name == CALLS:
            yield CallHands(composer, self._calls())
        else:
            yield LetterHands(composer, self._printer(), said.get("duplex", True), self.profile())

    def profile(self) -> Profile:
        """Return the printer's measures; CampaignError where they cannot be."""
        return profile_of(self.said.get("letters", {}))

    def named(self) -> list[str]:
        """Return the sections there are, but for calls, whose lists are asked for by themselves.

        Raises: ServerError: there is none, and so nothing to send by.
        """
        found = [each for each in ("mail", "sms", "letters") if each in self.said]
        if not found:
            fix = "write `mail:`, `sms:` or `letters:` into server.yaml; docs/guides/notices.md"
            raise ServerError("no way to send is set up", fix=fix)
        return found

    def pace(self, name: str) -> Pace:
        """Return how much is taken at once; no claim is thought dead while an answer may still come.

        Mails are written and signed by a process for each core: more than one core's work at full speed.
        """
        said, usable = self.said[name], Pace().usable
        if name in ("letters", CALLS):
            size = said.get("batch", _LETTERS)
            return Pace(claim=size, record=size, hands=1, silent=2 * usable + _BATCH_S)
        hands = said.get("connections", 4)
        if name == "sms" or "provider" in said:
            return Pace(hands=hands, silent=2 * usable + said.get("timeout", 30))
        silent, lanes = 2 * usable + said.get("dot_timeout", 600), min(os.cpu_count() or 1, hands)
        return Pace(claim=_MAILS, record=_MAILS_TOGETHER, hands=hands, lanes=lanes, silent=silent)

    @contextmanager
    def asked(self) -> Generator[dict[str, Asked]]:
        """Yield who is asked for what is in doubt, by channel."""
        found: dict[str, Asked] = {}
        log = find_mail_log(self.said["mail"], self.home) if "mail" in self.said else None
        if log is not None:
            found[Channel.EMAIL] = log
        if "letters" in self.said:
            found[Channel.LETTER] = PrinterAsked(self._printer())
        if CALLS in self.said:
            found[Channel.CALL] = PrinterAsked(self._calls())
        with ExitStack() as opened:
            if "sms" in self.said:
                gateway = open_gateway(self.said["sms"], self.home)
                found[Channel.SMS] = opened.enter_context(closing(gateway))
            yield found

    def take_bounces(self, at: datetime) -> Counter[str]:
        """Take in what came to the Maildir for bounces, where one is named; returns how many of each kind."""
        said = self.said.get("mail", {})
        if "maildir" not in said:
            return Counter()
        return take_bounces(self.home / said["maildir"], envelope_of(said), at)

    def _calls(self) -> Printer:
        return Printer(self.home / self.said[CALLS]["folder"])

    def _printer(self) -> Printer:
        return Printer(self.home / self.said["letters"]["printer_folder"])
