"""What an agent does with a contact, by the name its button sends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ashiato.rooms.answering import api
from ashiato.rooms.notifying.api import Wish
from ashiato.terms.errors import ServerError
from ashiato.web.console.doors import Visit
from ashiato.web.desk.room import language_typed, tell, typed

#: What a contact's new address is typed in, beside its lines.
PARTS = ("name", "post_code", "email", "phone")
#: What is to be shown once with the answer, or nothing.
_Once = dict[str, Any] | None


def _verify(visit: Visit, contact: api.Contact) -> _Once:
    facts = {kind: typed(visit.request, str(kind)) for kind in api.FactKind}
    offered = api.Offered(typed(visit.request, "code"), facts)
    return {"verdict": api.try_to_verify(contact, offered, visit.staff, visit.now)}


def _answer(visit: Visit, contact: api.Contact) -> _Once:
    api.give_answer(contact, typed(visit.request, "script"), contact.language, visit.staff, visit.now)
    tell(visit.request, "answered")
    return None


def _sort(visit: Visit, contact: api.Contact) -> _Once:
    api.sort_contact(contact, typed(visit.request, "reason"), visit.now)
    return None


def _close(visit: Visit, contact: api.Contact) -> _Once:
    code = typed(visit.request, "reason")
    if code:
        api.sort_contact(contact, code, visit.now)
    api.close_contact(contact, visit.now)
    tell(visit.request, "closed", number=contact.number)
    return None


def _take_up(visit: Visit, contact: api.Contact) -> _Once:
    api.take_up(contact, visit.staff)
    return None


def _hand_on(visit: Visit, contact: api.Contact) -> _Once:
    api.hand_to_lead(contact)
    tell(visit.request, "handed")
    return None


def _flag(visit: Visit, contact: api.Contact) -> _Once:
    api.flag_by_hand(contact, visit.staff, typed(visit.request, "why"), visit.now)
    return None


def _promise(visit: Visit, contact: api.Contact) -> _Once:
    said = typed(visit.request, "purpose")
    purpose = api.Purpose.VERIFY if said == api.Purpose.VERIFY else api.Purpose.ANSWER
    promised = api.promise_call(contact, purpose, visit.staff, visit.now)
    return {"word": promised.word} if promised.word else None


def _number(visit: Visit, contact: api.Contact) -> _Once:
    return {"number": api.number_to_call(_owed(contact), visit.staff, visit.now)}


def _end_call(visit: Visit, contact: api.Contact) -> _Once:
    said = typed(visit.request, "outcome")
    if said not in set(api.Outcome) - {api.Outcome.OPEN}:
        raise ServerError("this is no end of a call", fix="choose one of the buttons")
    word = typed(visit.request, "word")
    ended = api.end_call(_owed(contact), api.Outcome(said), visit.staff, visit.now, word)
    tell(visit.request, f"call_{ended.outcome}")
    return None


def _change(visit: Visit, contact: api.Contact) -> _Once:
    request = visit.request
    parts: dict[str, Any] = {name: said for name in PARTS if (said := typed(request, name))}
    lines = [line.strip() for line in request.POST.get("lines", "").splitlines() if line.strip()]
    spoken = language_typed(request) if request.POST.get("language") else ""
    wish = Wish(parts | ({"lines": lines} if lines else {}), spoken, typed(request, "channel"))
    api.change_for(contact, wish, visit.staff, visit.now)
    tell(request, "changed")
    return None


def _again(visit: Visit, contact: api.Contact) -> _Once:
    planned = api.send_again_for(contact, visit.staff, visit.now)
    tell(visit.request, "again" if planned else "on_its_way")
    return None


def _owed(contact: api.Contact) -> api.CallBack:
    owed = contact.call_backs.filter(outcome=api.Outcome.OPEN).first()
    if owed is None:
        raise ServerError("no call is owed", fix="promise one first")
    return owed


DEEDS: Mapping[str, Callable[[Visit, api.Contact], _Once]] = {
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
