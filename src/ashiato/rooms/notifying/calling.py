"""Calls: what was claimed becomes a list for whoever calls; what the calls came to is taken from such a list.

A list is named in the ledger before it appears, and appears whole, as a batch of letters does.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ashiato.exports.cell import shield, unshield
from ashiato.letters.notices.accepting import NoticeError
from ashiato.letters.notices.codes import read_code
from ashiato.outside.messages.calls.call_list import Call, callable_number, write_call_list
from ashiato.outside.messages.intake import Unread, decoded_list
from ashiato.outside.messages.outcomes import MessageError, NotAccepted, Outcome, shown
from ashiato.outside.messages.post.printer import PrintBatch, Printer
from ashiato.rooms.notifying.composing import Composer
from ashiato.rooms.notifying.handing import Turn, Waits, offered_as
from ashiato.rooms.notifying.models import Campaign, Notice
from ashiato.rooms.notifying.services.receiving import Report, record_receipt
from ashiato.rooms.notifying.services.recording import Offered, name_batch
from ashiato.rooms.notifying.states import Channel, State
from ashiato.terms.errors import ServerError
from ashiato.terms.ids import sha256_text

_FILE = "calls.csv"
#: What a line may say of its call. Who refuses to hear has not been told: the next channel follows.
_RESULTS = {
    "reached": State.DELIVERED, "通話済": State.DELIVERED, "通話済み": State.DELIVERED,
    "not reached": State.BOUNCED, "不在": State.BOUNCED, "不通": State.BOUNCED,
    "refused": State.BOUNCED, "拒否": State.BOUNCED,
}  # fmt: skip
_REFUSED = {"refused", "拒否"}
_KNOWN = "reached (通話済), not reached (不在, 不通) or refused (拒否)"


@dataclass(frozen=True)
class CallHands:
    """Writes lists of calls with their scripts into a folder."""

    composer: Composer
    folder: Printer
    waits: Waits = field(default_factory=Waits)

    @property
    def channels(self) -> tuple[str, ...]:
        """What is taken."""
        return (str(Channel.CALL),)

    def offer_all(self, notices: Sequence[Notice], turn: Turn) -> tuple[list[Offered], bool]:
        """Write claimed calls into one list; also returns whether the folder is in trouble."""
        if turn.is_spent():
            return [], False
        calls, offered = self._composed(notices, turn.now())
        name = f"calls-{notices[0].reference[:16]}-{notices[0].attempts + 1}"
        if not calls or not name_batch(turn.worker, list(calls), name):
            return offered, False
        outcome = self._put(name, list(calls.values()), turn)
        for each in notices:
            if each.pk in calls:
                script = sha256_text(calls[each.pk].script)
                told = offered_as(each, outcome, script, turn.now(), self.waits)
                # In doubt or not: the list's name is what will be asked for.
                offered.append(replace(told, outside_reference=name))
        return offered, isinstance(outcome, NotAccepted) and outcome.about == "service"

    def _composed(self, notices: Sequence[Notice], at: datetime) -> tuple[dict[int, Call], list[Offered]]:
        calls: dict[int, Call] = {}
        refused: list[Offered] = []
        for notice in notices:
            try:
                calls[notice.pk] = self._call(notice, at)
            except (NoticeError, ServerError, MessageError) as why:
                refused.append(Offered(notice.pk, State.BOUNCED, f"never offered: {type(why).__name__}"))
        return calls, refused

    def _call(self, notice: Notice, at: datetime) -> Call:
        who, script = self.composer.matter(notice, at).recipient, self.composer.message(notice, at).text
        number, language = callable_number(who.phone), notice.person.language
        return Call(notice.reference, notice.code, number, who.name, script, who.kana, language)

    def _put(self, name: str, calls: Sequence[Call], turn: Turn) -> Outcome:
        self.folder.find(name)  # what an earlier attempt left unfinished is thrown away
        try:
            made = self.folder.staging() / name
            made.mkdir(mode=0o700)
            (made / _FILE).write_bytes(write_call_list(calls, shield))
        except OSError as error:
            return NotAccepted(shown(error.strerror or type(error).__name__), permanent=False)
        return self.folder.send(PrintBatch(name, made), lambda: not turn.is_spent())


@dataclass
class CallsBack:
    """What a list of results held: new ones, ones known before, calls not made yet, lines not understood."""

    new: int = 0
    known: int = 0
    open: int = 0
    unread: list[Unread] = field(default_factory=list)


def take_called(campaign: Campaign, content: bytes, at: datetime) -> CallsBack:
    """Take what calls came to, from a list as it was written, with its last column filled in.

    The same list again changes nothing. Raises: ServerError: it has no such columns, or a quote is left open.
    """
    back = CallsBack()
    calls = Notice.objects.filter(campaign=campaign, channel=Channel.CALL)
    codes = dict(calls.values_list("code", "reference"))
    for line in list(_lines(content)):
        reference = line.reference if line.reference in codes.values() else codes.get(line.code)
        if reference is None:
            back.unread.append(
                Unread(line.number, line.text, "neither its reference nor its code is of a call")
            )
        elif line.result and line.result not in _RESULTS:
            back.unread.append(Unread(line.number, line.text, f"the result is none of {_KNOWN}"))
        elif not line.result:
            back.open += 1
        else:
            _record(line, reference, back, at)
    return back


def _record(line: _Line, reference: str, back: CallsBack, at: datetime) -> None:
    new, left = _RESULTS[line.result], "refused" if line.result in _REFUSED else ""
    report = Report(f"call-{reference}-{new}", reference, new, f"call: {line.result}", left)
    is_new = record_receipt(report, at)
    back.new += is_new
    back.known += not is_new


@dataclass(frozen=True)
class _Line:
    """One call of a list: the line it begins in, what names it, and what became of it."""

    number: int
    reference: str
    code: str
    result: str

    @property
    def text(self) -> str:
        return shown(f"{self.reference} {self.code} {self.result}")


def _lines(content: bytes) -> Iterator[_Line]:
    rows = csv.reader(io.StringIO(decoded_list(content).replace("\0", ""), newline=""), strict=True)
    number = 1
    try:
        columns = [each.strip().lower() for each in next(rows, [])]
        if not {"reference", "code", "result"} <= set(columns):
            raise ServerError(
                "the list has no columns `reference`, `code` and `result`",
                fix="fill in the list as it was written",
            )
        number = rows.line_num + 1
        for row in rows:
            cells = dict(zip(columns, (unshield(each).strip() for each in row), strict=False))
            if any(cells.values()):
                said = (cells.get("reference", ""), read_code(cells.get("code", "")))
                yield _Line(number, *said, cells.get("result", "").lower())
            number = rows.line_num + 1
    except csv.Error as error:
        raise ServerError(f"line {number} cannot be read: {error}", fix="close its quotes") from None
