"""Write text so that YAML 1.1 and 1.2 readers alike read it back as the same text."""

from __future__ import annotations

import re

#: Kana and kanji.
_LETTERS = "ぁ-ゖァ-ヺー一-鿿々"
#: Plain text that no YAML reader takes for a number, a date, a word or a mark, even inside brackets.
_PLAIN = re.compile(rf"[A-Za-z_/{_LETTERS}][A-Za-z0-9_./*()@+ {_LETTERS}-]*(?<! )\Z")
#: What may stand plain outside brackets besides: SQL, with its commas, quotes and braces.
_PLAIN_LINE = re.compile(rf"[A-Za-z_/{_LETTERS}][A-Za-z0-9_./*()@+ ,'{{}}=<>%;!?|\[\]{_LETTERS}-]*(?<! )\Z")
_WORDS = frozenset(["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"])


def render_scalar(text: str, *, line: bool = False) -> str:
    """Render a text for a place inside brackets, or (``line``) for one that runs to the end of its line."""
    plain = _PLAIN_LINE if line else _PLAIN
    if plain.match(text) and text.lower() not in _WORDS and not text.startswith("..."):
        return text
    return f'"{"".join(_escaped(ch) for ch in text)}"'


def _escaped(ch: str) -> str:
    if ch in '"\\':
        return f"\\{ch}"
    if ch.isprintable():
        return ch
    code = ord(ch)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def render_flow(value: object) -> str:
    """Render a value on one line: text, a flag, a number, a list or a mapping."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(render_flow(item) for item in value)}]"
    if isinstance(value, dict):
        pairs = [f"{render_scalar(str(key))}: {render_flow(inside)}" for key, inside in value.items()]
        return f"{{{', '.join(pairs)}}}"
    return render_scalar(str(value))
