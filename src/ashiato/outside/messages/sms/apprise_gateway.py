"""Short messages through Apprise, for gateways it knows: accepted, or in doubt; no key, and no asking.

The address of the gateway with its token is a secret; ``{to}`` in it stands for the number, as in
``twilio://account:token@+15551234567/{to}``.
"""

from __future__ import annotations

from ashiato.outside.messages.apprise_services import find_service, is_told
from ashiato.outside.messages.outcomes import (
    TOO_LATE,
    Accepted,
    InDoubt,
    MessageError,
    NotAccepted,
    Outcome,
    Still,
    always,
)
from ashiato.outside.messages.secrets import Secret
from ashiato.outside.messages.sms.gateway import Sms
from ashiato.outside.messages.sms.numbers import read_number
from ashiato.outside.messages.sms.segments import check_text


class AppriseSender:
    """Sends through a service that Apprise knows; every answer but yes is doubt."""

    def __init__(self, address: Secret, segments: int = 10) -> None:
        """Refuse an address without a place for the number."""
        if "{to}" not in address.text:
            raise MessageError("the gateway's address has no {to}", fix="put {to} where the number goes")
        if "retry" in address.text.lower():
            raise MessageError(
                "the gateway's address asks for retries, and a second try may be a second message"
            )
        self._address = address
        self._segments = segments

    def send(self, message: Sms, still: Still = always) -> Outcome:
        """Hand over one message; ``still`` is asked right before."""
        try:
            check_text(message.text, self._segments)
            number = read_number(message.number, message.region)
        except MessageError as error:
            return NotAccepted(str(error), permanent=True, about=error.about)
        service = find_service(self._address.text.replace("{to}", number))
        if service is None:
            return NotAccepted("Apprise knows no gateway of this address", permanent=False)
        if not still():
            return TOO_LATE
        if is_told(service, message.text):
            return Accepted("")
        return InDoubt("the gateway did not say yes, and Apprise does not tell why")
