"""SQL functions that questions are made of, by name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ashiato.engine.exposures.transcripts.values import (
    CHARACTERS,
    Characters,
    Told,
    UnknownError,
    as_codes,
    number_of,
    text_of,
)


def code_by_bytes(value: Told, *, first: bool) -> Told:
    """Return the number MySQL gives a character: its first byte, or all its bytes as one number."""
    if isinstance(value, Characters):
        return _FIRST_BYTES[value.codes] if first else _ALL_BYTES[value.codes]
    raw = text_of(value)[:1].encode("utf-8", "replace")
    return int.from_bytes(raw[:1] if first else raw, "big")


def _byte_tables() -> tuple[np.ndarray, np.ndarray]:
    c = np.arange(CHARACTERS, dtype=np.int64)
    last, second, third = 0x80 | (c & 63), 0x80 | ((c >> 6) & 63), 0x80 | ((c >> 12) & 63)
    two, three, four = 0xC0 | (c >> 6), 0xE0 | (c >> 12), 0xF0 | (c >> 18)
    sizes = [c < 0x80, c < 0x800, c < 0x10000]
    first = np.select(sizes, [c, two, three], four)
    whole = np.select(
        sizes,
        [c, two << 8 | last, three << 16 | second << 8 | last],
        four << 24 | third << 16 | second << 8 | last,
    )
    return first, whole


_FIRST_BYTES, _ALL_BYTES = _byte_tables()


def _code(values: list[Told]) -> Told:
    value = values[0]
    if isinstance(value, Characters):
        return value.codes
    text = text_of(value)
    return ord(text[0]) if text else 0


def _substring(values: list[Told]) -> Told:
    text, start = text_of(values[0]), int(number_of(values[1]))
    begin = max(start - 1, 0) if start > 0 else max(len(text) + start, 0)
    return text[begin:] if len(values) < 3 else text[begin : begin + max(int(number_of(values[2])), 0)]


def _padded(values: list[Told]) -> str:
    text, size = text_of(values[0]), min(int(number_of(values[1])), 1_000)
    filling = text_of(values[2]) if len(values) > 2 else " "
    missing = max(size - len(text), 0)
    return ((filling * missing)[:missing] + text)[:size] if filling else text[:size]


def _hexed(values: list[Told]) -> str:
    value = values[0]
    return f"{int(value):X}" if isinstance(value, int) else text_of(value).encode("utf-8").hex().upper()


def _converted(values: list[Told]) -> str:
    number = int(text_of(values[0]) or "0", max(2, min(int(number_of(values[1])), 36)))
    base, digits = max(2, min(int(number_of(values[2])), 36)), ""
    while number:
        number, rest = divmod(number, base)
        digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[rest] + digits
    return digits or "0"


def _spelled(values: list[Told]) -> str:
    codes = [int(number_of(value)) for value in values]
    if any(not 0 <= code < CHARACTERS for code in codes):
        raise UnknownError("no character")
    return "".join(map(chr, codes))


def _strcmp(values: list[Told]) -> Told:
    left, right = values
    if isinstance(left, Characters) or isinstance(right, Characters):
        return np.sign(as_codes(left) - as_codes(right))
    return (text_of(left) > text_of(right)) - (text_of(left) < text_of(right))


def _place_in(values: list[Told]) -> int:
    return text_of(values[0]).find(text_of(values[1])) + 1


def _place_of(values: list[Told]) -> int:
    return text_of(values[1]).find(text_of(values[0])) + 1


def _place_in_list(values: list[Told]) -> int:
    parts = text_of(values[1]).split(",")
    return parts.index(text_of(values[0])) + 1 if text_of(values[0]) in parts else 0


def _length(values: list[Told]) -> Told:
    if isinstance(values[0], Characters):
        return (values[0].codes > 0).astype(np.int64)
    return len(text_of(values[0]))


FUNCTIONS: dict[str, Callable[[list[Told]], Told]] = {
    **dict.fromkeys(("ORD", "ASCII", "UNICODE", "ASCII_CODE"), _code),
    **dict.fromkeys(("SUBSTRING", "SUBSTR", "MID", "SUBSTRC", "SUBSTRB"), _substring),
    **dict.fromkeys(("LENGTH", "LEN", "CHAR_LENGTH", "CHARACTER_LENGTH", "OCTET_LENGTH"), _length),
    **dict.fromkeys(("CHR", "CHAR", "NCHAR", "UNICHR"), _spelled),
    **dict.fromkeys(("CONCAT", "SAFE_CONCAT"), lambda values: "".join(map(text_of, values))),
    **dict.fromkeys(("PAD", "LPAD"), _padded),
    **dict.fromkeys(("HEX", "TO_HEX", "RAWTOHEX"), _hexed),
    **dict.fromkeys(("STR_POSITION", "STRPOS", "INSTR"), _place_in),
    **dict.fromkeys(("LOCATE", "CHARINDEX"), _place_of),
    "LEFT": lambda values: text_of(values[0])[: max(int(number_of(values[1])), 0)],
    "RIGHT": lambda values: text_of(values[0])[-int(number_of(values[1])) :] if number_of(values[1]) else "",
    "LOWER": lambda values: text_of(values[0]).lower(),
    "UPPER": lambda values: text_of(values[0]).upper(),
    "REVERSE": lambda values: text_of(values[0])[::-1],
    "BIN": lambda values: f"{int(number_of(values[0])):b}",
    "CONV": _converted,
    "STRCMP": _strcmp,
    "FIND_IN_SET": _place_in_list,
    "ABS": lambda values: abs(number_of(values[0])),
    "SIGN": lambda values: np.sign(number_of(values[0])),
    "FLOOR": lambda values: np.floor(number_of(values[0])),
}
