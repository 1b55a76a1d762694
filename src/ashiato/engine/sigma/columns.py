"""One column of a batch as its distinct values, and which of them satisfy a predicate."""

from __future__ import annotations

import ipaddress
import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ashiato.engine.sigma.predicates import Network, Number, Predicate, Present, Regex, Text, TimePart
from ashiato.engine.sigma.texts import FEW_TEXTS, Places, TextIndex, lowered

_COMPARE: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "eq": operator.eq,
    "neq": operator.ne,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}
_NUMBER = re.compile(r"[+-]?\d{1,400}(?:\.\d{1,400})?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?![0-9])", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Column:
    """A column's distinct values, the place of each row's among them, and the last place for no value."""

    def __init__(self, given: pa.Array, index: TextIndex) -> None:
        """Read the column; a value's text is as ``predicates`` says."""
        plain = given.dictionary_decode() if pa.types.is_dictionary(given.type) else given
        self._values, self.codes = _coded(plain.cast(pa.string()) if pa.types.is_null(plain.type) else plain)
        self._texts = self._values.cast(pa.string())
        self.size = len(self._texts)
        self._matches = index.matches(self._texts)
        self._met: dict[Predicate, Places] = {}

    def lower_texts(self) -> list[str | None]:
        """Return the distinct texts in lower case, and None in the place of no value."""
        return [*lowered(self._texts).to_pylist(), None]

    def places(self, predicate: Predicate) -> Places:
        """Return the places of the distinct values that satisfy a predicate of this column alone."""
        if isinstance(predicate, Text | Regex):
            return self._matches.places(predicate)
        if predicate not in self._met:
            self._met[predicate] = self._evaluated(predicate)
        return self._met[predicate]

    def _evaluated(self, predicate: Predicate) -> Places:
        if isinstance(predicate, Present):
            return np.arange(self.size)
        if isinstance(predicate, Number):
            return self._numbers(predicate)
        if isinstance(predicate, Network):
            network = ipaddress.ip_network(predicate.network)
            return self._tested(lambda text: _is_inside(text, network))
        if isinstance(predicate, TimePart):
            return self._timed(predicate)
        message = f"{type(predicate).__name__} is not asked of one column"
        raise TypeError(message)

    def _numbers(self, asked: Number) -> Places:
        if pa.types.is_integer(self._values.type):
            return np.flatnonzero(_whole_compared(self._values.to_numpy(zero_copy_only=False), asked))
        compare = _COMPARE[asked.op]

        def holds(text: str) -> bool:
            number = number_of(text)
            return number is not None and compare(number, asked.value)

        return self._tested(holds)

    def _timed(self, asked: TimePart) -> Places:
        compare = _COMPARE[asked.op]
        whole = pa.types.is_integer(self._values.type)

        def holds(text: str) -> bool:
            moment = _moment_of_us(int(text)) if whole else _moment_of_text(text)
            return moment is not None and compare(Fraction(_part_of(moment, asked.part)), asked.value)

        return self._tested(holds)

    def _tested(self, holds: Callable[[str], bool]) -> Places:
        return np.array([at for at, text in enumerate(self._texts.to_pylist()) if holds(text)], np.int64)


def _coded(given: pa.Array) -> tuple[pa.Array, Places]:
    """Return the distinct values and each row's place among them, the one after the last for no value."""
    if given.null_count == len(given):  # most fields that rules ask for are in no log of a site
        return given.slice(0, 0), np.zeros(len(given), np.int64)
    coded = pc.dictionary_encode(given)
    values, indices = coded.dictionary, coded.indices
    codes = (indices.fill_null(len(values)) if given.null_count else indices).to_numpy().astype(np.int64)
    if len(values) > FEW_TEXTS:
        return values, codes
    # In order, so that the next batch with the same few values is known for one that was looked through.
    order = pc.array_sort_indices(values.cast(pa.string()))
    places = np.append(np.argsort(order.to_numpy()), len(values))
    return values.take(order), places[codes]


def number_of(text: str) -> Fraction | None:
    """Return the decimal number a text is, exactly, or None."""
    return Fraction(text) if _NUMBER.fullmatch(text) else None


def _whole_compared(values: npt.NDArray[np.int64], asked: Number) -> npt.NDArray[np.bool_]:
    """Compare integers with a number exactly, without making them floating."""
    low, high = floor(asked.value), ceil(asked.value)
    if asked.op in ("eq", "neq"):
        equal = values == low if low == high else np.zeros(len(values), np.bool_)
        return np.asarray(equal if asked.op == "eq" else ~equal, np.bool_)
    test = {
        "lt": (np.less, high),
        "gte": (np.greater_equal, high),
        "lte": (np.less_equal, low),
        "gt": (np.greater, low),
    }
    compare, bound = test[asked.op]
    return np.asarray(compare(values, bound), np.bool_)


@lru_cache(maxsize=200_000)
def _address_of(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _is_inside(text: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    address = _address_of(text)
    return address is not None and address.version == network.version and address in network


def _moment_of_us(moment_us: int) -> datetime | None:
    try:
        return _EPOCH + timedelta(microseconds=moment_us)
    except OverflowError:
        return None


def _moment_of_text(text: str) -> datetime | None:
    """Return a time as it is written, whatever its zone: Sigma's parts are not converted."""
    found = _TIME.match(text)
    if found is None:
        return None
    year, month, day, hour, minute = map(int, found.groups())
    try:
        return datetime(year, month, day, hour, minute, tzinfo=UTC)
    except ValueError:
        return None


def _part_of(moment: datetime, part: str) -> int:
    return moment.isocalendar().week if part == "week" else int(getattr(moment, part))
