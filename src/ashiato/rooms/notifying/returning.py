"""Letters that came back: their codes, scanned or typed into a list, taken as receipts."""

from __future__ import annotations

from datetime import datetime

from ashiato.letters.notices.codes import is_whole, read_code
from ashiato.outside.messages.intake import Intake, read_list
from ashiato.rooms.notifying.models import Campaign, Notice
from ashiato.rooms.notifying.services.receiving import Report, record_receipt
from ashiato.rooms.notifying.states import Channel, State


def take_returned(campaign: Campaign, content: bytes, at: datetime) -> tuple[Intake, int]:
    """Take a list of letters that came back; also returns how many were not known to be back before.

    Every line is in the intake: taken, named twice, or not understood, with why. The same list again
    changes nothing.
    """
    letters = Notice.objects.filter(campaign=campaign, channel=Channel.LETTER)

    def reference_of(code: str) -> str | None:
        return letters.filter(code=code).values_list("reference", flat=True).first()

    intake = read_list(content, _code_in, reference_of)
    new = sum(
        record_receipt(Report(f"returned-{each.code}", each.reference, State.RETURNED, each.words), at)
        for each in intake.returned
    )
    return intake, new


def _code_in(cell: str) -> str | None:
    code = read_code(cell)
    return code if is_whole(code) else None
