"""What every form of a page does alike: read what was typed, say what was done, or why it was refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.contrib import messages
from django.http import HttpRequest

from ashiato.exports.cell import show
from ashiato.terms.errors import AshiatoError
from ashiato.web.wording import screen_words

_LONGEST = 400
_MOST_DIGITS = 11
_Done = TypeVar("_Done")


def try_it(request: HttpRequest, act: Callable[[], _Done]) -> _Done | None:
    """Do something; where it is refused, say why on the page and return None."""
    try:
        return act()
    except AshiatoError as refused:
        words = screen_words()
        told = words.say("refused.fault", what=show(refused.what))
        remedy = words.say("refused.fix", fix=show(refused.fix)) if refused.fix else ""
        messages.error(request, f"{told} {remedy}".strip())
        return None


def typed(request: HttpRequest, name: str) -> str:
    """Return what was typed into a field, in one line of a length that somebody may type."""
    return " ".join(request.POST.get(name, "")[:_LONGEST].split())


def number_typed(request: HttpRequest, name: str) -> int:
    """Return a number that was sent; 0, which nothing is numbered by, where none was."""
    said = typed(request, name)
    return int(said) if said.isascii() and said.isdigit() and len(said) <= _MOST_DIGITS else 0


def done(request: HttpRequest, key: str, **said: object) -> None:
    """Say on the page what was done."""
    messages.success(request, screen_words().say(key, **said))


def refuse(request: HttpRequest, key: str, **said: object) -> None:
    """Say on the page why nothing was done."""
    messages.error(request, screen_words().say(key, **said))
