"""Telephone numbers that a short message can be sent to, by the numbering plans ``phonenumbers`` holds."""

from __future__ import annotations

import phonenumbers

from ashiato.outside.messages.outcomes import AddressError

_MOBILE = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}


def read_number(written: str, region: str = "JP") -> str:
    """Return a number as E.164 (``+819012345678``), however it is written; ``region`` for national ones.

    Raises: AddressError: no number of its plan, or none of a mobile telephone; the number is not named.
    """
    try:
        found = phonenumbers.parse(written[:60], region)
    except phonenumbers.NumberParseException:
        raise _refused("it is no telephone number") from None
    if found.extension or not phonenumbers.is_valid_number(found):
        raise _refused("no such number can exist, or it has an extension")
    if phonenumbers.number_type(found) not in _MOBILE:
        raise _refused("it is not a mobile telephone's")
    return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))


def _refused(why: str) -> AddressError:
    return AddressError(f"no short message can be sent to the number: {why}", fix="use another channel")
