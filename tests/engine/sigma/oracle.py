"""A slow second reading of Sigma: plain Python, one event at a time, from the rule as YAML says it.

It shares no code with the product: wildcards are walked by hand, patterns are Python's own, encodings are
tried out, windows are looked through event by event.
"""

from __future__ import annotations

import base64
import ipaddress
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

Event = Mapping[str, Any]
_DASHES = "-/\u2013\u2014\u2015"
_PARTS = ("minute", "hour", "day", "week", "month", "year")


def holds(detection: Mapping[str, Any], event: Event, placeholders: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether a rule's detection holds for one event."""
    conditions = detection["condition"]
    names = [name for name in detection if name != "condition"]

    def selected(name: str) -> bool:
        return _selection(detection[name], event, placeholders)

    listed = conditions if isinstance(conditions, list) else [conditions]
    return any(_Condition(each, names, selected).read() for each in listed)


class _Condition:
    """Reads a condition by recursive descent, evaluating as it goes."""

    def __init__(self, text: str, names: list[str], selected: Any) -> None:
        self.words = re.findall(r"[()]|[^\s()]+", text)
        self.names = names
        self.selected = selected

    def read(self) -> bool:
        value = self.either()
        assert not self.words
        return value

    def either(self) -> bool:
        value = self.both()
        while self.words[:1] == ["or"]:
            self.words.pop(0)
            value = self.both() or value
        return value

    def both(self) -> bool:
        value = self.one()
        while self.words[:1] == ["and"]:
            self.words.pop(0)
            value = self.one() and value
        return value

    def one(self) -> bool:
        word = self.words.pop(0)
        if word == "not":
            return not self.one()
        if word == "(":
            value = self.either()
            assert self.words.pop(0) == ")"
            return value
        if word in ("1", "all", "any") and self.words[:1] == ["of"]:
            self.words.pop(0)
            pattern = self.words.pop(0).replace("them", "*")
            meant = [n for n in self.names if walks(list(pattern), n, star="*") and n[0] != "_"]
            return (all if word == "all" else any)([self.selected(name) for name in meant])
        return bool(self.selected(word))


def walks(pattern: Sequence[Any], text: str, star: Any, one: Any = None) -> bool:
    """Tell whether a pattern of signs and wildcards covers a text, by trying every way."""
    if not pattern:
        return not text
    if pattern[0] == star:
        return any(walks(pattern[1:], text[n:], star, one) for n in range(len(text) + 1))
    if not text or (pattern[0] != one and pattern[0] != text[0]):
        return False
    return walks(pattern[1:], text[1:], star, one)


def _selection(said: Any, event: Event, placeholders: Mapping[str, Sequence[str]]) -> bool:
    if isinstance(said, dict):
        return all(_item(key, value, event, placeholders) for key, value in said.items())
    listed = said if isinstance(said, list) else [said]
    if all(isinstance(each, dict) for each in listed):
        return any(_selection(each, event, placeholders) for each in listed)
    return _item("", listed, event, placeholders)


def _item(key: str, given: Any, event: Event, placeholders: Mapping[str, Sequence[str]]) -> bool:
    field, *modifiers = key.split("|")
    values = given if isinstance(given, list) else [given]
    fields = [field] if field else sorted(event)
    results = [
        any(_value(name, value, modifiers, event, placeholders, keyword=not field) for name in fields)
        for value in values
    ]
    result = all(results) if "all" in modifiers else any(results)
    return not result if "neq" in modifiers else result


def _value(
    field: str,
    value: Any,
    modifiers: list[str],
    event: Event,
    placeholders: Mapping[str, Sequence[str]],
    *,
    keyword: bool,
) -> bool:
    there = event.get(field)
    if value is None or "exists" in modifiers:
        return (there is not None) is (value is True)
    if there is None:
        return False
    if any(m in (*_PARTS, "lt", "lte", "gt", "gte", "fieldref", "cidr") for m in modifiers):
        return _measured(there, value, modifiers, event)
    text = spelled(there)
    if "re" in modifiers:
        return any(_searched(p, text, modifiers) for p in _filled_text(value, modifiers, placeholders))
    if isinstance(value, int | float) and not isinstance(value, bool) and not keyword:
        return _measured(there, value, modifiers, event)
    forms = _forms(spelled(value), modifiers, placeholders)
    return any(_matches(form, text, modifiers, keyword=keyword) for form in forms)


def _measured(there: Any, value: Any, modifiers: list[str], event: Event) -> bool:
    text = spelled(there)
    if "fieldref" in modifiers:
        return _referred(text, event.get(str(value)), modifiers)
    if "cidr" in modifiers:
        return _inside(text, value)
    compare = next((m for m in modifiers if m in ("lt", "lte", "gt", "gte")), None)
    part = next((m for m in modifiers if m in _PARTS), None)
    return _compared(_part(there, part) if part else _number(text), compare, Fraction(str(value)))


def spelled(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(text: str) -> Fraction | None:
    try:
        return Fraction(text) if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", text) else None
    except ValueError:
        return None


def _compared(left: Fraction | int | None, how: str | None, right: Fraction) -> bool:
    if left is None:
        return False
    return {"lt": left < right, "lte": left <= right, "gt": left > right, "gte": left >= right}.get(
        how or "", left == right
    )


def _part(value: Any, part: str) -> int | None:
    if isinstance(value, int):
        moment = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=value)
    else:
        try:
            moment = datetime.fromisoformat(str(value)[:19])
        except ValueError:
            return None
    return int(moment.strftime("%V")) if part == "week" else int(getattr(moment, part))


def _referred(mine: str, its: Any, modifiers: list[str]) -> bool:
    if its is None:
        return False
    a, b = mine.lower(), spelled(its).lower()
    if "contains" in modifiers:
        return b in a
    if "startswith" in modifiers:
        return a[: len(b)] == b
    return a[len(a) - len(b) :] == b and len(b) <= len(a) if "endswith" in modifiers else a == b


def _inside(text: str, network: str) -> bool:
    try:
        return ipaddress.ip_address(text) in ipaddress.ip_network(network)
    except (ValueError, TypeError):
        return False


def _searched(pattern: str, text: str, modifiers: list[str]) -> bool:
    flags = re.ASCII
    for letter, flag in (("i", re.IGNORECASE), ("m", re.MULTILINE), ("s", re.DOTALL)):
        if letter in modifiers:
            flags |= flag
    if "m" not in modifiers:
        pattern = pattern.replace("$", r"\Z")
    return re.search(pattern, text, flags) is not None


def _filled_text(
    value: str, modifiers: list[str], placeholders: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    if "expand" not in modifiers:
        yield value
        return
    pieces = re.split(r"%([^%\\]+)%", value)
    choices = [[piece] if at % 2 == 0 else list(placeholders[piece]) for at, piece in enumerate(pieces)]
    for chosen in itertools.product(*choices):
        yield "".join(chosen)


_STAR, _ONE = object(), object()


def _signs(text: str) -> list[Any]:
    """Read a value's wildcards and its backslashes, sign by sign."""
    signs: list[Any] = []
    at = 0
    while at < len(text):
        sign = text[at]
        if sign == "\\" and text[at + 1 : at + 2] in ("*", "?", "\\") and at + 1 < len(text):
            signs.append(text[at + 1])
            at += 2
            continue
        signs.append({"*": _STAR, "?": _ONE}.get(sign, sign))
        at += 1
    return signs


def _forms(
    value: str, modifiers: list[str], placeholders: Mapping[str, Sequence[str]]
) -> Iterator[list[Any]]:
    for text in _filled_text(value, modifiers, placeholders):
        yield from _encoded([_signs(text)], [m for m in modifiers if m != "expand"])


def _encoded(forms: list[list[Any]], modifiers: list[str]) -> Iterator[list[Any]]:
    wide: bytes | None = None
    for modifier in modifiers:
        if modifier == "windash":
            forms = [form for each in forms for form in _dashed(each)]
        elif modifier in ("wide", "utf16le", "utf16be", "utf16"):
            codec = "utf-16-be" if modifier == "utf16be" else "utf-16-le"
            encoded = "".join(each for form in forms for each in form).encode(codec)
            wide = (b"\xff\xfe" if modifier == "utf16" else b"") + encoded
            forms = [list(encoded.decode("latin-1"))]
        elif modifier in ("base64", "base64offset"):
            plain = wide if wide is not None else "".join(forms[0]).encode()
            kept = (
                [base64.b64encode(plain).decode()]
                if modifier == "base64"
                else [_unmoved(plain, n) for n in range(3)]
            )
            forms = [list(each) for each in kept]
    yield from forms


def _dashed(form: list[Any]) -> Iterator[list[Any]]:
    text = "".join(sign if isinstance(sign, str) else "\x00" for sign in form)
    places = [m.start() for m in re.finditer(r"\B[-/]\b", text)]
    for signs in itertools.product(_DASHES, repeat=len(places)):
        made = list(form)
        for place, sign in zip(places, signs, strict=True):
            made[place] = sign
        yield made


def _unmoved(plain: bytes, offset: int) -> str:
    """Return what is the same in base64 whatever stands before (so many bytes) and behind the text."""
    seen = {
        base64.b64encode(before * offset + plain + behind).decode()
        for before in (b"\x00", b"\xff")
        for behind in (b"\x00\x00\x00", b"\xff\xff\xff", b"\x0f\xf0\x3c")
    }
    length = -(-(offset + len(plain)) * 8 // 6)
    columns = list(zip(*[each[:length] for each in seen], strict=True))
    return "".join(signs[0] for signs in columns if len(set(signs)) == 1)


def _matches(form: list[Any], text: str, modifiers: list[str], *, keyword: bool) -> bool:
    pattern = list(form)
    if "contains" in modifiers or "endswith" in modifiers or keyword:
        pattern = [_STAR, *pattern]
    if "contains" in modifiers or "startswith" in modifiers or keyword:
        pattern = [*pattern, _STAR]
    if "cased" not in modifiers:
        pattern = [sign.lower() if isinstance(sign, str) else sign for sign in pattern]
        text = text.lower()
    return walks(pattern, text, _STAR, _ONE)
