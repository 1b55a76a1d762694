"""How much a sentence claims of somebody's data: that it was reached, surely, likely or perhaps; or not.

Read from the words alone and on the strict side: a sentence that speaks of data being read, copied, taken or
leaked claims it as certain unless it says how far it is in doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum

from ashiato.exports.words import Language
from ashiato.terms.grades import Grade


class Claim(Enum):
    """What a sentence says of data: nothing, a grade, or that it was not reached."""

    NOTHING = 0
    POSSIBLE = Grade.POSSIBLE
    PROBABLE = Grade.PROBABLE
    CONFIRMED = Grade.CONFIRMED
    ABSENCE = -1


_ENDS = re.compile(r"(?<=[。！？!?\n])|(?<=\.)\s+")
_TAKEN_JA = (
    "漏えい|漏洩|漏出|流出|外部に出|読み取|読み出|閲覧|取得|窃取|盗|持ち出[さしせ]|持ち去|抜き取|吸い上げ|複製|コピー|"
    "参照さ|見られ|もれ|漏れ|漏ら|奪|入手|知られ|知るところ|渡っ|渡り|公開さ|掲載さ|売買|売りに|拡散|ダウンロードさ|"
    "(?:情報|データ|記録|内容)[^。]{0,12}アクセス"
)
_TAKEN_EN = (
    r"leak(?:ed|age|s)?|read|copied|stolen|stole|taken|took|viewed|seen|saw|accessed|obtained|downloaded|"
    r"exfiltrated|exposed|disclosed|compromised|breached|acquired|reached|published|posted|sold|got out|"
    r"gotten out|in the hands|into the hands|have your|has your|having your"
)
_REACHED = {
    Language.JA: re.compile(rf"(?:{_TAKEN_JA})(?!を?(?:防|避)|していただ)"),
    Language.EN: re.compile(rf"\b(?:{_TAKEN_EN})\b", re.IGNORECASE),
}
_NEGATED = {
    Language.JA: re.compile(
        rf"(?:{_TAKEN_JA})[^。、]{{0,8}}"
        "(?:ていない|ていません|てはいません|はありません|はない|なかった|ませんでした)"
    ),
    Language.EN: re.compile(
        rf"\b(?:not|never|no(?:ne)?)\b(?:\s+\w+){{0,4}}\s+(?:{_TAKEN_EN}|affected)\b"
        r"|\bun(?:affected|touched)\b|\b(?:is|are|was|were) safe\b",
        re.IGNORECASE,
    ),
}
_LIKELY = {
    Language.JA: re.compile(
        r"(?:可能性|おそれ|恐れ)が(?:極めて|非常に|相当)?高|とみられ|と考えられ|と思われ|と推定"
    ),
    Language.EN: re.compile(r"\b(?:very likely|likely|probably)\b", re.IGNORECASE),
}
_PERHAPS = {
    Language.JA: re.compile(r"可能性|おそれ|恐れ|否定でき|否定は?でき|かもしれ|疑い|場合|どうか|ないか|懸念"),
    Language.EN: re.compile(
        r"\b(?:may|might|could|cannot|can't|possible|possibly|perhaps|whether|if|risk|in case)\b",
        re.IGNORECASE,
    ),
}


def sentences_of(text: str) -> Iterator[str]:
    """Yield the sentences of a text."""
    yield from (part.strip() for part in _ENDS.split(text) if part and part.strip())


def claim_of(sentence: str, language: Language) -> Claim:
    """Return what one sentence claims."""
    if _NEGATED[language].search(sentence):
        return Claim.ABSENCE
    if not _REACHED[language].search(sentence):
        return Claim.NOTHING
    if _LIKELY[language].search(sentence):
        return Claim.PROBABLE
    return Claim.POSSIBLE if _PERHAPS[language].search(sentence) else Claim.CONFIRMED


def claims_beyond(text: str, language: Language, most: Claim) -> str | None:
    """Return the first sentence that claims more than ``most`` allows; None where none does.

    Absence is a claim of its own: allowed only where ``most`` is absence, and then nothing else is.
    """
    for sentence in sentences_of(text):
        claim = claim_of(sentence, language)
        if not _within(claim, most):
            return sentence
    return None


def _within(claim: Claim, most: Claim) -> bool:
    if claim is Claim.NOTHING:
        return True
    if Claim.ABSENCE in (claim, most):
        return claim is most
    return int(claim.value) <= int(most.value)
