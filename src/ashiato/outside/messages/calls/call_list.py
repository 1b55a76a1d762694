"""A list of calls as CSV, for whoever makes them: whom, at which number, what is to be said word by word.

What comes back from the calls is read by ``intake``; the list itself is handed over like a printer's batch.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import phonenumbers

from ashiato.outside.messages.outcomes import AddressError
from ashiato.outside.messages.references import check_reference

COLUMNS = ("reference", "code", "number", "name", "kana", "language", "script", "result")


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the notice's reference and check code, the person, and what is said."""

    reference: str
    code: str
    number: str
    name: str
    script: str
    kana: str = ""
    language: str = "ja"
    region: str = "JP"


def write_call_list(calls: Iterable[Call], shield: Callable[[str], str]) -> bytes:
    """Return the list as CSV (RFC 4180, UTF-8 with BOM); the last column is left for the result.

    ``shield``: the house's one rule for cells that a spreadsheet would run (``exports.cell.shield``; this
    floor stands beside the exports and does not know them).
    Raises: AddressError: a number that cannot be called; call ``callable_number`` before, one by one.
    """
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for call in calls:
        cells = (
            check_reference(call.reference), call.code, callable_number(call.number, call.region), call.name,
            call.kana, call.language, call.script, "",
        )  # fmt: skip
        rows.writerow([shield(cell) for cell in cells])
    return text.getvalue().encode("utf-8-sig")


def callable_number(written: str, region: str = "JP") -> str:
    """Return a number as it is dialled in its region (``090-1234-5678``), from another as ``+44 ..``.

    Raises: AddressError: no such number can exist; the number is not named.
    """
    try:
        found = phonenumbers.parse(written[:60], region)
    except phonenumbers.NumberParseException:
        raise AddressError("the number cannot be called: it is no telephone number") from None
    if not phonenumbers.is_valid_number(found):
        raise AddressError("the number cannot be called: no such number can exist")
    is_home = phonenumbers.region_code_for_number(found) == region
    form = (
        phonenumbers.PhoneNumberFormat.NATIONAL if is_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return str(phonenumbers.format_number(found, form))
