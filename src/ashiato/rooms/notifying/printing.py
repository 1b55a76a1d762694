"""Letters: what was claimed becomes batches for the printer, each named in the ledger before it goes.

The name is what is asked for where a worker died: a letter without one was never in a batch, and of a batch
the printer's folder knows. A batch of another attempt has another name, so that no letter is in two of one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import DatabaseError

from ashiato.exports.words import Language
from ashiato.letters.notices.accepting import NoticeError
from ashiato.letters.notices.batches import Batch, Printing, set_batch
from ashiato.letters.notices.delivery import write_batch
from ashiato.letters.notices.matter import NoticeMatter
from ashiato.letters.notices.press import wipe_press
from ashiato.letters.notices.profile import USUAL, Profile
from ashiato.outside.messages.outcomes import Accepted, NotAccepted, Outcome, shown
from ashiato.outside.messages.post.printer import PrintBatch, Printer
from ashiato.rooms.notifying.composing import Composer
from ashiato.rooms.notifying.handing import Turn, Waits, offered_as
from ashiato.rooms.notifying.models import Notice
from ashiato.rooms.notifying.services.reconciling import Answers
from ashiato.rooms.notifying.services.recording import Offered, name_batch
from ashiato.rooms.notifying.states import Channel, State
from ashiato.terms.errors import ServerError

_NEVER = NotAccepted("it was in no batch", permanent=False)


@dataclass(frozen=True)
class LetterHands:
    """Sets letters, a batch for each language, style and house, and puts them into the printer's folder."""

    composer: Composer
    printer: Printer
    duplex: bool = True
    profile: Profile = USUAL
    waits: Waits = field(default_factory=Waits)

    @property
    def channels(self) -> tuple[str, ...]:
        """What is taken."""
        return (str(Channel.LETTER),)

    def offer_all(self, notices: Sequence[Notice], turn: Turn) -> tuple[list[Offered], bool]:
        """Offer claimed letters; also returns whether the printer is in trouble, so that others wait."""
        alike: dict[tuple[str, str, str], list[Notice]] = defaultdict(list)
        for notice in notices:
            house, style = self.composer.house_name(notice), self.composer.style(notice)
            alike[notice.person.language, house, style].append(notice)
        offered: list[Offered] = []
        trouble = False
        for (_, house, _), those in sorted(alike.items()):
            done, in_trouble = self._offer_batch(house, those, turn)
            offered += done
            trouble = trouble or in_trouble
        return offered, trouble

    def _offer_batch(self, house: str, notices: Sequence[Notice], turn: Turn) -> tuple[list[Offered], bool]:
        if turn.is_spent():
            return [], False
        fit, refused = self._composed(notices, turn.now())
        if not fit:
            return refused, False
        language = Language(notices[0].person.language)
        style = self.composer.style(notices[0])
        printing = Printing(language, style, duplex=self.duplex, profile=self.profile)
        wording = self.composer.house(house).wording
        batch = set_batch(_name_of(notices[0]), fit.values(), printing, wording)
        wipe_press()
        refused += [_never(pk, "it cannot be printed") for pk in _left_out(fit, batch)]
        try:
            outcome = self._hand(notices, batch, turn)
        except DatabaseError:
            return refused, True
        if outcome is None:
            return refused, False
        trouble = isinstance(outcome, NotAccepted) and outcome.about == "service"
        return refused + list(self._recorded(notices, batch, outcome, turn.now())), trouble

    def _composed(
        self, notices: Sequence[Notice], at: datetime
    ) -> tuple[dict[int, NoticeMatter], list[Offered]]:
        fit: dict[int, NoticeMatter] = {}
        refused: list[Offered] = []
        for notice in notices:
            try:
                fit[notice.pk] = self.composer.matter(notice, at)
            except (NoticeError, ServerError) as why:
                refused.append(_never(notice.pk, type(why).__name__))
        return fit, refused

    def _hand(self, notices: Sequence[Notice], batch: Batch, turn: Turn) -> Outcome | None:
        """Name the batch in the ledger, then hand it over; None: some letter is no longer ours to send."""
        inside = [each.pk for each in notices if each.reference in _digests(batch)]
        name = batch.manifest.batch
        if not inside or not name_batch(turn.worker, inside, name):
            return None
        try:
            written = write_batch(batch, self.printer.staging())
        except OSError as error:
            self.printer.find(name)
            return NotAccepted(
                shown(error.strerror or type(error).__name__), permanent=False, about="service"
            )
        return self.printer.send(PrintBatch(name, written), lambda: not turn.is_spent())

    def _recorded(
        self, notices: Sequence[Notice], batch: Batch, outcome: Outcome, at: datetime
    ) -> Iterator[Offered]:
        digests = _digests(batch)
        for notice in notices:
            if notice.reference in digests:
                offered = offered_as(notice, outcome, digests[notice.reference], at, self.waits)
                # In doubt or not: the batch's name is what will be asked for.
                yield replace(offered, outside_reference=batch.manifest.batch)


@dataclass(frozen=True)
class PrinterAsked:
    """Asks the printer's folder for letters in doubt, by the batch they were named to be in."""

    printer: Printer

    def find_all(self, attempts: Mapping[str, datetime | None]) -> Answers:
        """Return what it knows of each reference."""
        rows = Notice.objects.filter(reference__in=list(attempts))
        batches = dict(rows.values_list("reference", "outside_reference"))
        known: dict[str, Accepted | NotAccepted | None] = {
            name: self.printer.find(name) if name else _NEVER for name in set(batches.values())
        }
        return {reference: known[batches[reference]] for reference in attempts}


def _name_of(first: Notice) -> str:
    """Name a batch by its first letter and the attempt: each claim of a notice counts one more."""
    return f"letters-{first.reference[:16]}-{first.attempts + 1}"


def _digests(batch: Batch) -> dict[str, str]:
    return {each.reference: each.letter_sha256 for each in batch.manifest.letters}


def _left_out(fit: Mapping[int, NoticeMatter], batch: Batch) -> list[int]:
    printed = _digests(batch)
    return [pk for pk, matter in fit.items() if matter.reference not in printed]


def _never(notice: int, why: str) -> Offered:
    return Offered(notice, State.BOUNCED, f"never offered: {why}")
