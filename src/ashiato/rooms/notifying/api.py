"""The room's only door."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from ashiato.letters.notices.batches import Printing
from ashiato.rooms.living import MachineClock
from ashiato.rooms.notifying.calling import CallHands, CallsBack, take_called
from ashiato.rooms.notifying.composing import Composer
from ashiato.rooms.notifying.field_names import words_of_category
from ashiato.rooms.notifying.handing import Handing, Hands, Waits
from ashiato.rooms.notifying.houses import House, house_name, list_houses, list_senders
from ashiato.rooms.notifying.incoming import take_bounces
from ashiato.rooms.notifying.mailing import MailHand, envelope_of, find_mail_log, open_pool, open_throttle
from ashiato.rooms.notifying.matter_file import parse_matter, read_matter
from ashiato.rooms.notifying.models import Campaign, Notice, PersonInScope, Wave
from ashiato.rooms.notifying.previewing import as_nobody, letter_of, message_of, sample_of
from ashiato.rooms.notifying.printing import LetterHands, PrinterAsked
from ashiato.rooms.notifying.providing import Provider, ProviderHand, open_provider
from ashiato.rooms.notifying.reading import Asking, count_persons, is_exact, people_of
from ashiato.rooms.notifying.reported import take_event
from ashiato.rooms.notifying.retention import POLICIES, past_its_end, past_its_time
from ashiato.rooms.notifying.returning import take_returned
from ashiato.rooms.notifying.scope import Wish
from ashiato.rooms.notifying.selectors.closing import ClosingSum, closing_sum, list_strays
from ashiato.rooms.notifying.selectors.history import history_of
from ashiato.rooms.notifying.selectors.responding import respond
from ashiato.rooms.notifying.selectors.standing import (
    Standing,
    WaveTold,
    find_notice,
    find_told_by_code,
    list_approvers,
    list_doubts,
    list_notices,
    list_waves_told,
    newest_forecast,
    standing_of,
)
from ashiato.rooms.notifying.senders import Senders, serve
from ashiato.rooms.notifying.sending import Pace, Progress, SendingWorker
from ashiato.rooms.notifying.services.approving import (
    approve_digest,
    approve_text,
    approve_wave,
    is_approved,
    is_text_approved,
)
from ashiato.rooms.notifying.services.expiring import expire
from ashiato.rooms.notifying.services.gating import (
    GateKind,
    calls_count_from,
    close_gate,
    hold_all,
    list_closed,
    note_sending,
    open_gate,
    watch_calls,
)
from ashiato.rooms.notifying.services.moving import Because
from ashiato.rooms.notifying.services.naming import case_key_of
from ashiato.rooms.notifying.services.opening import (
    USUAL_DUTY,
    find_campaign,
    get_campaign,
    keep_for,
    note_planning,
    open_campaign,
    set_matter,
)
from ashiato.rooms.notifying.services.planning import Planner
from ashiato.rooms.notifying.services.receiving import Report, publish, record_receipt, settle
from ashiato.rooms.notifying.services.reconciling import PATIENCE, Asked, decide, reconcile
from ashiato.rooms.notifying.services.tallying import DryRun, Tally
from ashiato.rooms.notifying.services.waving import Desk, draft_waves
from ashiato.rooms.notifying.services.wishes import told_of, wish_kept
from ashiato.rooms.notifying.services.wishing import grant_wish, send_again
from ashiato.rooms.notifying.states import Channel, State
from ashiato.rooms.notifying.styling import STYLES
from ashiato.rooms.notifying.texting import TextHand, open_gateway
from ashiato.terms.errors import ServerError

_Word = TypeVar("_Word", bound=StrEnum)


def channels_named(text: str) -> tuple[str, ...]:
    """Return channels written as ``email,letter``; ServerError where one is none."""
    return tuple(str(_named(Channel, each.strip(), "channel")) for each in text.split(",") if each.strip())


def state_named(text: str) -> State:
    """Return a state by its word; ServerError where there is none."""
    return _named(State, text, "state")


def gate_named(text: str) -> GateKind:
    """Return a gate by its word; ServerError where there is none."""
    return _named(GateKind, text, "gate")


def get_wave(campaign: Campaign, number: int) -> Wave:
    """Return a wave; ServerError where a campaign has none of this number."""
    found = campaign.waves.filter(number=number).first()
    if found is None:
        raise ServerError(f"there is no wave {number}", fix="ashiato notify status lists the waves")
    return found


def _named(kind: type[_Word], text: str, what: str) -> _Word:
    try:
        return kind(text)
    except ValueError:
        known = ", ".join(str(each) for each in kind)
        raise ServerError(f"no {what} is called `{text[:40]}`", fix=f"known are {known}") from None


__all__ = [
    "PATIENCE",
    "POLICIES",
    "STYLES",
    "USUAL_DUTY",
    "Asked",
    "Asking",
    "Because",
    "CallHands",
    "CallsBack",
    "Campaign",
    "Channel",
    "ClosingSum",
    "Composer",
    "Desk",
    "DryRun",
    "GateKind",
    "Handing",
    "Hands",
    "House",
    "LetterHands",
    "MachineClock",
    "MailHand",
    "Notice",
    "Pace",
    "PersonInScope",
    "Planner",
    "PrinterAsked",
    "Printing",
    "Progress",
    "Provider",
    "ProviderHand",
    "Report",
    "Senders",
    "SendingWorker",
    "Standing",
    "State",
    "Tally",
    "TextHand",
    "Waits",
    "Wave",
    "WaveTold",
    "Wish",
    "approve_digest",
    "approve_text",
    "approve_wave",
    "as_nobody",
    "calls_count_from",
    "case_key_of",
    "channels_named",
    "close_gate",
    "closing_sum",
    "count_persons",
    "decide",
    "draft_waves",
    "envelope_of",
    "expire",
    "find_campaign",
    "find_mail_log",
    "find_notice",
    "find_told_by_code",
    "gate_named",
    "get_campaign",
    "get_wave",
    "grant_wish",
    "history_of",
    "hold_all",
    "house_name",
    "is_approved",
    "is_exact",
    "is_text_approved",
    "keep_for",
    "letter_of",
    "list_approvers",
    "list_closed",
    "list_doubts",
    "list_houses",
    "list_notices",
    "list_senders",
    "list_strays",
    "list_waves_told",
    "message_of",
    "newest_forecast",
    "note_planning",
    "note_sending",
    "open_campaign",
    "open_gate",
    "open_gateway",
    "open_pool",
    "open_provider",
    "open_throttle",
    "parse_matter",
    "past_its_end",
    "past_its_time",
    "people_of",
    "publish",
    "read_matter",
    "reconcile",
    "record_receipt",
    "respond",
    "sample_of",
    "send_again",
    "serve",
    "set_matter",
    "settle",
    "standing_of",
    "state_named",
    "take_bounces",
    "take_called",
    "take_event",
    "take_returned",
    "told_of",
    "watch_calls",
    "wish_kept",
    "words_of_category",
]
