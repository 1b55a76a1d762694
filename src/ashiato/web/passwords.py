"""Passwords that staff may not choose, beside those that everybody chooses: of our own words, or leaked."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError

from ashiato.rooms.leaked import PREFIX, suffixes_of
from ashiato.web.wording import screen_words

_LEAST = 8
#: Words of this product; those of the host's name come with its address.
_WORDS = ("ashiato", "足跡", "あしあと")
_SHORTEST_WORD = 4


class OwnWordsValidator:
    """Refuses what says too little once the words everybody here knows are taken out of it."""

    def validate(self, password: str, user: object = None) -> None:  # noqa: ARG002 - Django's signature
        """Refuse a password whose other characters are fewer than eight."""
        words = sorted((*_WORDS, *_words_of(settings.SITE.hosts)), key=len, reverse=True)
        left = re.sub("|".join(map(re.escape, words)), "", password, flags=re.IGNORECASE)
        if len(re.sub(r"\W", "", left)) < _LEAST:
            raise ValidationError(_say("password.own_words"), code="password_of_own_words")

    def get_help_text(self) -> str:
        """Say what is refused."""
        return _say("password.own_words")


class LeakedPasswordValidator:
    """Refuses what stands in the operator's list of leaked passwords; without a list it refuses nothing."""

    def validate(self, password: str, user: object = None) -> None:  # noqa: ARG002 - Django's signature
        """Refuse a password of the list, and any while the list cannot be read."""
        path = leaked_list()
        if path is None:
            return
        try:
            is_leaked = _stands_in(path, password)
        except OSError as error:
            raise ValidationError(_say("password.list_unread"), code="password_list_unread") from error
        if is_leaked:
            raise ValidationError(_say("password.leaked"), code="password_leaked")

    def get_help_text(self) -> str:
        """Say what is refused."""
        return _say("password.leaked") if leaked_list() else ""


def leaked_list() -> Path | None:
    """Return the file that ``staff.leaked_passwords`` names, by the data folder; None without one."""
    said = settings.CONFIGURATION.said.get("staff", {}).get("leaked_passwords")
    return settings.CONFIGURATION.home / said if said else None


def _stands_in(path: Path, password: str) -> bool:
    # Lists of leaked passwords are kept by SHA-1, and searched by it; nothing is protected with it.
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    wanted = digest[PREFIX:].encode()
    return any(line.partition(b":")[0] == wanted for line in suffixes_of(path, digest[:PREFIX]))


def _say(key: str) -> str:
    return screen_words().say(key)


def _words_of(hosts: tuple[str, ...]) -> list[str]:
    parts = (part for host in hosts for part in re.split(r"[^a-z]+", host.lower()))
    return [part for part in parts if len(part) >= _SHORTEST_WORD]
