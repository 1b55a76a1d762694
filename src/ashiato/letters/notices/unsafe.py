"""What no text of a notice may hold: markup, foreign links, requests for secrets, invisible characters.

People told of a break-in are told to beware of messages that ask them to follow links and type secrets; a
real one must not look like those (see the guide, *What is refused*).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from ashiato.letters.notices.claims import sentences_of

_MARKUP = re.compile(r"<\s*[a-zA-Z/!?]|&(?:#\w+|[a-zA-Z]+);|\{\{|\{%|\]\(|javascript:", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?((?:[\w-]+\.)+[a-z]{2,})(?![\w-])", re.IGNORECASE)
_SCHEME = re.compile(r"\b(?:https?|ftp|tel|mailto)\s*:", re.IGNORECASE)
_SECRET = re.compile(
    r"パスワード|暗証番号|カード番号|セキュリティ[ー]?コード|口座番号|マイナンバー|個人番号|ワンタイム|認証コード|"
    r"password|passcode|\bPIN\b|card number|security code|\bCVV\b|one-time code|account number|My Number",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"入力|(?:お知らせ|お聞かせ|教え|お伝え|ご記入|送信|返信|お送り|ご提示|ご提供|ご回答|ご申告|ご連絡)[^。]{0,4}ください|"
    r"(?:伺|うかが|お尋ね|確認させ)|\b(?:enter|type|provide|supply|send|tell|give|reply|confirm|verify|submit)\b",
    re.IGNORECASE,
)
_LURE = re.compile(
    r"クリック|タップ|リンクを(?:開|押)|(?:次|以下|下記|こちら)の(?:URL|リンク)|"
    r"\bclick\b|\btap\b|(?:follow|open|use) (?:the|this) link|link below",
    re.IGNORECASE,
)
_NEVER = re.compile(
    r"ありません|ないで|ません|なさらないで|お控え|\b(?:never|not|no|nobody|don't)\b", re.IGNORECASE
)
#: Kinds of characters that show nothing, turn the direction of text, or have no agreed shape.
_UNSHOWN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def unsafe_in(text: str, hosts: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield what is wrong with a text; ``hosts``: the sender's own names, which may stand in it."""
    plain = unicodedata.normalize("NFKC", text)
    yield from (f"{name_of(char)} shows nothing or misleads" for char in unshowable(text.replace("\n", "")))
    if found := _MARKUP.search(plain):
        yield f"`{found[0]}` is markup"
    yield from (f"`{host}` is no address of the sender" for host in _foreign(plain, hosts))
    for sentence in sentences_of(plain):
        if _SECRET.search(sentence) and _REQUEST.search(sentence) and not _NEVER.search(sentence):
            yield f"a secret is asked for: `{sentence[:80]}`"
        if _LURE.search(sentence) and not _NEVER.search(sentence):
            yield f"a link is offered: `{sentence[:80]}`"


def unshowable(text: str) -> list[str]:
    """Return the characters that cannot be shown as text, each once, in order."""
    return list(dict.fromkeys(char for char in text if unicodedata.category(char) in _UNSHOWN))


def name_of(char: str) -> str:
    """Name a character: ``U+202E``."""
    return f"U+{ord(char):04X}"


def addresses_in(text: str) -> list[str]:
    """Return what a program may take for the address of a site, in small letters."""
    plain = unicodedata.normalize("NFKC", text)
    found = [each[1].lower() for each in _ADDRESS.finditer(plain)]
    return found or [each[0].lower() for each in _SCHEME.finditer(plain)]


def _foreign(plain: str, hosts: frozenset[str]) -> Iterator[str]:
    yield from (host for host in addresses_in(plain) if host not in hosts)
