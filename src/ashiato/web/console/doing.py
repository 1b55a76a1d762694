"""What every form of a page does alike: read what was typed, say what was done, or why it was refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.contrib import messages
from django.http import Http404, HttpRequest

from ashiato.exports.cell import show
from ashiato.law.api import moment_stated
from ashiato.terms.errors import AshiatoError, LawError, ServerError
from ashiato.web.wording import refusal, screen_words

_LONGEST = 400
_MOST_DIGITS, _MOST_DIGITS_TYPED = 11, 8
#: No database takes all of them.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_Done = TypeVar("_Done")


def try_it(request: HttpRequest, act: Callable[[], _Done], *, with_place: bool = False) -> _Done | None:
    """Do something; where it is refused, say why on the page and return None.

    ``with_place``: and where; of what somebody sent, never of the server's own files.
    """
    try:
        return act()
    except AshiatoError as refused:
        words = screen_words()
        told = words.say("refused.fault", what=show(refusal(refused.what)))
        remedy = words.say("refused.fix", fix=show(refusal(refused.fix))) if refused.fix else ""
        place = f"{show(str(refused.where))}: " if with_place and refused.where else ""
        messages.error(request, f"{place}{told} {remedy}".strip())
        return None


def typed(request: HttpRequest, name: str) -> str:
    """Return what was typed into a field, in one line as long as somebody may type, without controls."""
    return " ".join(_CONTROLS.sub(" ", request.POST.get(name, "")[:_LONGEST]).split())


def lines_typed(request: HttpRequest, name: str, most: int) -> list[str]:
    """Return what was typed into a field of several lines: each as ``typed`` has it, at most so many."""
    lines = (" ".join(_CONTROLS.sub(" ", line[:_LONGEST]).split()) for line in _lines(request, name, most))
    return [line for line in lines if line]


def _lines(request: HttpRequest, name: str, most: int) -> list[str]:
    return request.POST.get(name, "")[: most * _LONGEST].splitlines()[:most]


def moment_typed(request: HttpRequest, name: str) -> datetime:
    """Return a moment that a form of ours carries back; Http404 for anything else."""
    try:
        return moment_stated(typed(request, name))
    except LawError:
        raise Http404 from None


def number_typed(request: HttpRequest, name: str) -> int:
    """Return a number that was sent; 0, which nothing is numbered by, where none was."""
    said = typed(request, name)
    return int(said) if said.isascii() and said.isdigit() and len(said) <= _MOST_DIGITS else 0


def whole_number_typed(request: HttpRequest, name: str) -> int | None:
    """Return a number that somebody typed, None where the field was left empty.

    Raises ServerError for what cannot be read: it is not as good as 0.
    """
    said = typed(request, name)
    if said and not (said.isascii() and said.isdigit() and len(said) <= _MOST_DIGITS_TYPED):
        raise ServerError(f"`{said}` is no whole number", fix="write digits, or leave the field empty")
    return int(said) if said else None


def done(request: HttpRequest, key: str, **said: object) -> None:
    """Say on the page what was done."""
    messages.success(request, screen_words().say(key, **said))


def refuse(request: HttpRequest, key: str, **said: object) -> None:
    """Say on the page why nothing was done."""
    messages.error(request, screen_words().say(key, **said))
