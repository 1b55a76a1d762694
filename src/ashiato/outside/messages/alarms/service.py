"""Alarms by a service that Apprise knows: Slack, Teams, a webhook and a hundred others.

The address holds the token and is a secret, in a file of its own: ``slack://TokenA/TokenB/TokenC/``,
``workflows://host/workflow/signature/`` (Teams), ``jsons://host/path`` (a webhook).
"""

from __future__ import annotations

from apprise import Apprise

from ashiato.outside.messages.alarms.alarm_text import AlarmText
from ashiato.outside.messages.apprise_services import find_service, is_told
from ashiato.outside.messages.nearness import is_this_machine
from ashiato.outside.messages.outcomes import (
    TOO_LATE,
    Accepted,
    InDoubt,
    MessageError,
    Outcome,
    Still,
    always,
)
from ashiato.outside.messages.secrets import Secret


class ServiceWay:
    """One service of the operator's; every answer but yes is doubt, as Apprise does not tell why."""

    def __init__(self, address: Secret) -> None:
        """Refuse an address that is nobody's, that repeats by itself, or that would send in clear text."""
        service = find_service(address.text)
        if service is None:
            fix = "write one address into its file, as https://appriseit.com/services/ lists them"
            raise MessageError("Apprise knows no service of this address", fix=fix)
        if "retry" in address.text.lower():
            raise MessageError("the service's address asks for retries", fix="take retry out: we try again")
        _refuse_clear_text(service)
        self._service = service

    def send(self, message: AlarmText, still: Still = always) -> Outcome:
        """Hand one alarm over; ``still`` is asked right before."""
        if not still():
            return TOO_LATE
        if is_told(self._service, message.text, message.subject):
            return Accepted("")
        return InDoubt("the service did not say yes")


def _refuse_clear_text(service: Apprise) -> None:
    """A service whose address has a form with TLS is to be named by that one, but on this machine."""
    for each in service.services:
        host = str(getattr(each, "host", "") or "")
        is_open = bool(each.protocol) and not each.secure
        if (is_open or not each.verify_certificate) and not is_this_machine(host):
            fix = "use its form with TLS, whose certificate is checked: jsons:// instead of json://"
            raise MessageError("the service's address sends in clear text, or unchecked", fix=fix)
