"""What an agent does with a contact, by the name its button sends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ashiato.rooms.answering import api
from ashiato.rooms.notifying.api import Wish
from ashiato.terms.errors import ServerError
from ashiato.web.console.doing import typed
from ashiato.web.console.doors import CaseRequest
from ashiato.web.desk.room import language_typed, tell

#: What a contact's new address is typed in, beside its lines.
PARTS = ("name", "post_code", "email", "phone")
#: What is to be shown once with the answer, or nothing.
_Once = dict[str, Any] | None


def _verify(here: CaseRequest, contact: api.Contact) -> _Once:
    facts = {kind: typed(here.request, str(kind)) for kind in api.FactKind}
    offered = api.Offered(typed(here.request, "code"), facts)
    return {"verdict": api.try_to_verify(contact, offered, here.staff, here.now)}


def _answer(here: CaseRequest, contact: api.Contact) -> _Once:
    api.give_answer(contact, typed(here.request, "script"), contact.language, here.staff, here.now)
    tell(here.request, "answered")
    return None


def _sort(here: CaseRequest, contact: api.Contact) -> _Once:
    api.sort_contact(contact, typed(here.request, "reason"), here.now)
    return None


def _close(here: CaseRequest, contact: api.Contact) -> _Once:
    code = typed(here.request, "reason")
    if code:
        api.sort_contact(contact, code, here.now)
    api.close_contact(contact, here.now)
    tell(here.request, "closed", number=contact.number)
    return None


def _take_up(here: CaseRequest, contact: api.Contact) -> _Once:
    api.take_up(contact, here.staff)
    return None


def _hand_on(here: CaseRequest, contact: api.Contact) -> _Once:
    api.hand_to_lead(contact)
    tell(here.request, "handed")
    return None


def _flag(here: CaseRequest, contact: api.Contact) -> _Once:
    api.flag_by_hand(contact, here.staff, typed(here.request, "why"), here.now)
    return None


def _promise(here: CaseRequest, contact: api.Contact) -> _Once:
    said = typed(here.request, "purpose")
    purpose = api.Purpose.VERIFY if said == api.Purpose.VERIFY else api.Purpose.ANSWER
    promised = api.promise_call(contact, purpose, here.staff, here.now)
    return {"word": promised.word} if promised.word else None


def _number(here: CaseRequest, contact: api.Contact) -> _Once:
    return {"number": api.number_to_call(_owed(contact), here.staff, here.now)}


def _end_call(here: CaseRequest, contact: api.Contact) -> _Once:
    said = typed(here.request, "outcome")
    if said not in set(api.Outcome) - {api.Outcome.OPEN}:
        raise ServerError("this is no end of a call", fix="choose one of the buttons")
    word = typed(here.request, "word")
    ended = api.end_call(_owed(contact), api.Outcome(said), here.staff, here.now, word)
    tell(here.request, f"call_{ended.outcome}")
    return None


def _change(here: CaseRequest, contact: api.Contact) -> _Once:
    request = here.request
    parts: dict[str, Any] = {name: said for name in PARTS if (said := typed(request, name))}
    lines = [line.strip() for line in request.POST.get("lines", "").splitlines() if line.strip()]
    spoken = language_typed(request) if request.POST.get("language") else ""
    ways = (spoken, typed(request, "channel"), typed(request, "style"))
    wish = Wish(parts | ({"lines": lines} if lines else {}), *ways)
    api.change_for(contact, wish, here.staff, here.now)
    tell(request, "changed")
    return None


def _again(here: CaseRequest, contact: api.Contact) -> _Once:
    planned = api.send_again_for(contact, here.staff, here.now)
    tell(here.request, "again" if planned else "on_its_way")
    return None


def _owed(contact: api.Contact) -> api.CallBack:
    owed = contact.call_backs.filter(outcome=api.Outcome.OPEN).first()
    if owed is None:
        raise ServerError("no call is owed", fix="promise one first")
    return owed


DEEDS: Mapping[str, Callable[[CaseRequest, api.Contact], _Once]] = {
    "verify": _verify,
    "answer": _answer,
    "sort": _sort,
    "close": _close,
    "take_up": _take_up,
    "hand_on": _hand_on,
    "flag": _flag,
    "promise": _promise,
    "number": _number,
    "end_call": _end_call,
    "change": _change,
    "again": _again,
}
