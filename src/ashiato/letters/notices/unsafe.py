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
    r"パスワード|暗証番号|カード(?:の)?番号|セキュリティー?コード|口座(?:の)?番号|マイナンバー|個人番号|ワンタイム|認証コード|"
    r"有効期限|秘密の質問|"
    r"password|passcode|\bPIN\b|card (?:number|details)|security code|\bCV[VC]2?\b|one-time code|"
    r"account (?:number|details)|bank details|My Number|secret question",
    re.IGNORECASE | re.ASCII,
)
_REQUEST = re.compile(
    r"入力|返信|記入|申告|申し付け|申し出|提示|提供|登録|"
    r"(?:お知らせ|お聞かせ|教え|お伝え|送信|お送り|ご回答|ご連絡|お答え|見せて)[^。]{0,6}(?:ください|下さい|願)|"
    r"伺|うかがい|お尋ね|確認させ|"
    r"\b(?:enter|type|provide|supply|send|tell|give|reply|confirm|verify|submit|share|reveal|update|need|"
    r"what is|call us with|have your .{0,40}ready)\b",
    re.IGNORECASE,
)
_LURE = re.compile(
    r"クリック|タップ|リンク(?:先)?(?:を|から|に|へ)|(?:次|以下|下記|こちら|上記)の(?:URL|リンク|アドレス)|"
    r"(?:アプリ|ソフト|ファイル)[^。]{0,10}(?:インストール|ダウンロード|開[いく])|添付|"
    r"\b(?:click|tap|install|attachment|attached)\b|\blinks?\b|\bdownload\b",
    re.IGNORECASE,
)
_PAYMENT = re.compile(
    r"(?:お支払い|支払って|お振込|振り込|送金|手数料|電子マネー|ギフト(?:カード|券)|コンビニ|ATM)"
    r"[^。]{0,16}(?:ください|下さい|願い|必要|いただき)|"
    r"\b(?:pay|transfer|wire|deposit|purchase|buy)\b.{0,40}"
    r"\b(?:fee|money|amount|gift cards?|us|yen|account)\b",
    re.IGNORECASE,
)
_NEVER = re.compile(
    r"ありません|ないで|ません|なさらないで|お控え|\b(?:never|not|no|nobody|don't)\b", re.IGNORECASE
)
#: A threat is no denial: *we cannot pay unless you send it*.
_UNLESS = re.compile(
    r"ないと|なければ|なきゃ|ない(?:場合|方|限り|かぎり|とき|時)|せずに|ずに(?:いる|おく)|"
    r"\b(?:unless|otherwise|or else|if you (?:do not|don't|cannot|fail)|until you|without)\b",
    re.IGNORECASE,
)
_BLANKS = re.compile(r"\s+")
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
        yield from (f"{what}: `{sentence[:80]}`" for what in _asked_in(sentence))


def _asked_in(sentence: str) -> Iterator[str]:
    """Yield what a sentence asks for that nobody may ask for; blanks between letters hide nothing."""
    if _NEVER.search(sentence) and not _UNLESS.search(sentence):
        return
    forms = (sentence, _BLANKS.sub("", sentence))
    if any(_SECRET.search(form) and _REQUEST.search(form) for form in forms):
        yield "a secret is asked for"
    if any(map(_LURE.search, forms)):
        yield "a link is offered"
    if any(map(_PAYMENT.search, forms)):
        yield "money is asked for"


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
