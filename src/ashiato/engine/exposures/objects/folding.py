"""One form for the writings of one value: widths, kana, variant characters, blanks, signs of telephones.

``fold`` works on the values of files, ``fold_sql`` on the columns of tables; both give the same text.
"""

from __future__ import annotations

import re
import unicodedata

from ashiato.engine.store import quote_text

_SMALL = dict(zip("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ", strict=True))
_HALF = "ｦｧｨｩｪｫｬｭｮｯｰｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝ"
_FULL = (
    "ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテト"
    "ナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン"
)
_VOICED = dict(
    zip(
        "カキクケコサシスセソタチツテトハヒフヘホウ",
        "ガギグゲゴザジズゼゾダヂヅデドバビブベボヴ",
        strict=True,
    )
)
_HALF_VOICED = dict(zip("ハヒフヘホ", "パピプペポ", strict=True))
#: Characters of names that are written either way for one person.
_VARIANTS = dict(
    zip(
        "髙﨑𠮷濵濱邊邉齋齊斎澤櫻廣國嶋嶌眞德曾瀨淵檜靜壽惠龍瀧萬與藪籔",
        "高崎吉浜浜辺辺斉斉斉沢桜広国島島真徳曽瀬渕桧静寿恵竜滝万与薮薮",
        strict=True,
    )
)
#: What stands between the parts of a value and says nothing: blanks, dashes, commas, brackets, quotes.
_DROPPED = (
    " \t\r\n\u00a0\u3000\u200b-\u2010\u2011\u2012\u2013"
    "\u2014\u2015\u2212\uff0d()[]'\"\u201c\u201d\u2019\u3012\u30fb\uff65,\u3001"
)


def _marks() -> dict[str, str]:
    wide = {chr(code): chr(code - 0xFEE0).lower() for code in range(0xFF01, 0xFF5F)}
    kana = {chr(code): chr(code + 0x60) for code in range(0x3041, 0x3097)}
    marks = wide | kana | dict(zip(_HALF, _FULL, strict=True)) | _VARIANTS | {"〜": "~", "\uff5e": "~"}
    return {
        sign: _SMALL.get(plain, plain) for sign, plain in (marks | _SMALL).items() if sign not in _DROPPED
    }


_MARKS = _marks()
_DROPPED_MARKS = "".join(sign for sign in _MARKS if _MARKS[sign] in _DROPPED)
_TABLE = str.maketrans({**_MARKS, **dict.fromkeys(_DROPPED + _DROPPED_MARKS, None)})
_TITLES = re.compile("(?:様|殿|御中)$")
_ABROAD = re.compile(r"^\+81")


def fold(text: str) -> str:
    """Return the one form of a value."""
    if text.isascii():
        plain = text.lower().translate(_TABLE)
        return _ABROAD.sub("0", plain) if plain.startswith("+81") else plain
    plain = unicodedata.normalize("NFC", text).translate(_TABLE).lower()
    if "ﾞ" in plain or "ﾟ" in plain:
        for base, voiced in _VOICED.items():
            plain = plain.replace(f"{base}ﾞ", voiced)
        for base, voiced in _HALF_VOICED.items():
            plain = plain.replace(f"{base}ﾟ", voiced)
    return _ABROAD.sub("0", _TITLES.sub("", plain))


def fold_sql(expression: str) -> str:
    """Return SQL for the one form of a text expression."""
    kept = {sign: plain for sign, plain in _MARKS.items() if plain not in _DROPPED}
    dropped = _DROPPED + _DROPPED_MARKS
    source, target = "".join(kept) + dropped, "".join(kept.values())
    # What has no partner in the second list is dropped.
    plain = f"lower(translate(nfc_normalize({expression}), {quote_text(source)}, {quote_text(target)}))"
    voiced = plain
    for marks, sign in ((_VOICED, "ﾞ"), (_HALF_VOICED, "ﾟ")):
        for base, made in marks.items():
            voiced = f"replace({voiced}, '{base}{sign}', '{made}')"
    chosen = f"CASE WHEN regexp_matches({expression}, '[ﾞﾟ]') THEN {voiced} ELSE {plain} END"
    return f"regexp_replace(regexp_replace({chosen}, '(様|殿|御中)$', ''), '^\\+81', '0')"


_DATE = re.compile(
    r"(?:(\d{4})|(明治|大正|昭和|平成|令和|[MTSHR])\s*(\d{1,2}|元))\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?"
)
_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_ERAS |= {"M": 1867, "T": 1911, "S": 1925, "H": 1988, "R": 2018}


def fold_date(text: str) -> str | None:
    """Return the digits of a written date (``1992年11月10日``, ``H4.11.10``), or None for other text."""
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return None
    year = int(found[1]) if found[1] else _ERAS[found[2]] + (1 if found[3] == "元" else int(found[3]))
    return f"{year:04}{int(found[4]):02}{int(found[5]):02}"
