"""The addresses of the pages, one list for the routes, the links and the tests."""

from __future__ import annotations

from ashiato.public.voices import Voice

#: Every page by its name; each stands under every voice.
PAGES = {
    "statement": "",
    "advice": "advice/",
    "questions": "questions/",
    "check": "check/",
    "mine": "mine/",
    "ask": "ask/",
    "contact-check": "mine/without-code/",
    "correction": "correct/",
    "channel": "channel/",
    "question": "question/",
    "suspicious": "suspicious/",
    "call-back": "call-back/",
    "passwords": "passwords/",
}


def address_of(voice: Voice, page: str) -> str:
    """Return where a page stands."""
    return voice.front + PAGES[page]
