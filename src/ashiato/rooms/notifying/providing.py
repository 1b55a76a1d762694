"""E-mail by a provider's interface, through django-anymail: what became of each mail, exactly.

A provider that answers with a refusal took nothing; one that could not be reached was offered nothing. After
anything else (no answer, an error of its own, an answer that cannot be read) the mail is in doubt, and what
the provider reports by itself settles it: our reference travels in the mail's metadata.
"""

from __future__ import annotations

import ssl
import threading
import warnings
from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from anymail.exceptions import (
    AnymailAPIError,
    AnymailError,
    AnymailInvalidAddress,
    AnymailNotSupportedWarning,
    AnymailRecipientsRefused,
)
from django.core.mail import EmailMultiAlternatives, get_connection
from requests.exceptions import ConnectTimeout
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from ashiato.outside.messages.asked_waits import asked_wait
from ashiato.outside.messages.email.addresses import read_address, refuse_own
from ashiato.outside.messages.email.mime import Mail
from ashiato.outside.messages.nearness import is_this_machine
from ashiato.outside.messages.outcomes import (
    TOO_LATE,
    Accepted,
    InDoubt,
    MessageError,
    NotAccepted,
    Outcome,
    Still,
    always,
    shown,
    shown_cause,
)
from ashiato.outside.messages.secrets import read_secret
from ashiato.rooms.notifying.composing import Composer, digest_of_mail
from ashiato.rooms.notifying.handing import Handed
from ashiato.rooms.notifying.models import Notice
from ashiato.rooms.notifying.provider_refusals import refused
from ashiato.terms.errors import ServerError

#: In the metadata of every mail.
REFERENCE = "ashiato_reference"
_NO_ANSWER = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply"}
_TAKEN = {"sent", "queued", "unknown"}
#: Refusals that prove nothing: the server gave up waiting, or knows of another attempt.
_NO_PROOF = {408, 409, 425}
#: Names of what boto3 raises when nothing was sent yet.
_NOT_REACHED = {"EndpointConnectionError", "ConnectTimeoutError", "NoCredentialsError", "NoRegionError"}
_SES = "amazon_ses"


class ProviderHand:
    """Composes mails and hands them to a provider."""

    def __init__(self, composer: Composer, provider: Provider) -> None:
        """``provider`` keeps the connections."""
        self._composer, self._provider = composer, provider

    def __call__(self, notice: Notice, at: datetime, still: Still) -> Handed:
        """Offer one notice."""
        mail = self._composer.mail(notice, at)
        return Handed(self._provider.send(mail, still), digest_of_mail(mail))


class Provider:
    """Sends mails by one provider; safe for many threads, each of which keeps a connection of its own."""

    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        """``name`` and ``settings`` as anymail calls them; nothing is opened before the first mail."""
        self._name, self._settings = name, settings
        self._own = threading.local()
        self._opened: list[Any] = []

    def send(self, message: Mail, still: Still = always) -> Outcome:
        """Hand over one mail; ``still`` is asked right before."""
        try:
            written = self._written(message)
        except MessageError as error:
            return NotAccepted(str(error), permanent=error.about != "service", about=error.about)
        backend = self._backend()
        return _offered(backend, written) if still() else TOO_LATE

    def close(self) -> None:
        """Close every connection."""
        for each in self._opened:
            each.close()

    def _backend(self) -> Any:  # noqa: ANN401 - anymail has no types
        if not hasattr(self._own, "backend"):
            with warnings.catch_warnings():
                # Told in docs/guides/mail.md, not at each start.
                warnings.simplefilter("ignore", AnymailNotSupportedWarning)
                self._own.backend = get_connection(
                    f"anymail.backends.{self._name}.EmailBackend", **self._settings
                )
            self._own.backend.open()
            self._opened.append(self._own.backend)
        return self._own.backend

    def _written(self, mail: Mail) -> EmailMultiAlternatives:
        address = read_address(mail.to.address)
        refuse_own(address, mail.sender.address)
        to = address.text
        sender = str(Address(mail.sender.name, addr_spec=mail.sender.address))
        message = EmailMultiAlternatives(mail.subject, mail.text, sender, [to], headers=dict(_NO_ANSWER))
        message.attach_alternative(mail.html, "text/html")
        message.metadata = {REFERENCE: mail.reference}  # type: ignore[attr-defined]  # anymail reads it
        if self._name != _SES:
            # No picture and no link that tells who opened what; Amazon's is a setting of the account.
            message.track_opens = message.track_clicks = False  # type: ignore[attr-defined]  # as above
        return message


def open_provider(said: Mapping[str, Any], home: Path) -> Provider:
    """Make the provider that the ``mail`` section describes.

    Raises: ServerError, MessageError: its interface is spoken to in clear text, or a secret cannot be read.
    """
    named = said["provider"]
    settings: dict[str, Any] = dict(named.get("settings", {}))
    settings |= {name: read_secret(home / file).text for name, file in named.get("secrets", {}).items()}
    for name in ("api_url", "endpoint_url"):
        _refuse_clear_text(str(settings.get(name, "https://")))
    waits = said.get("timeout", 60)
    if named["name"] == _SES:
        return Provider(_SES, _for_amazon(settings, waits))
    return Provider(named["name"], {**settings, "requests_timeout": waits})


def _for_amazon(settings: dict[str, Any], waits: int) -> dict[str, Any]:
    """As boto3 wants it; once and no more: an attempt that was not answered is not made again."""
    keys = ("aws_access_key_id", "aws_secret_access_key", "region_name")
    session = {name: settings.pop(name) for name in keys if name in settings}
    config = {"retries": {"total_max_attempts": 1}, "connect_timeout": waits, "read_timeout": waits}
    client = {
        "config": config,
        **{name: settings.pop(name) for name in ("endpoint_url",) if name in settings},
    }
    return {**settings, "session_params": session, "client_params": client}


def _refuse_clear_text(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme != "https" and not is_this_machine(parts.hostname or ""):
        raise ServerError("a provider is spoken to over https", fix="write https://host/path")


def _offered(backend: Any, message: EmailMultiAlternatives) -> Outcome:  # noqa: ANN401 - anymail has no types
    try:
        backend.send_messages([message])
    except AnymailRecipientsRefused:
        return _verdict(message)
    except AnymailAPIError as error:
        return _failed(error)
    except AnymailInvalidAddress as error:
        return NotAccepted(f"its address: {shown_cause(str(error))}", permanent=True, about="recipient")
    except AnymailError as error:
        return NotAccepted(f"not offered: {shown_cause(str(error))}", permanent=False)
    except UnicodeDecodeError:
        # Amazon's library reads what came back before it says of which status it was.
        return InDoubt("the provider's answer cannot be read")
    return _verdict(message)


def _verdict(message: EmailMultiAlternatives) -> Outcome:
    """Read what anymail put down for the one recipient."""
    ((_, told),) = message.anymail_status.recipients.items()  # type: ignore[attr-defined]  # anymail's own
    if told.status in _TAKEN:
        return Accepted(shown(told.message_id or ""))
    return NotAccepted(f"the provider refused the address: {told.status}", permanent=True, about="recipient")


def _failed(error: AnymailAPIError) -> Outcome:
    status = _status_of(error)
    if status is None:
        if _never_reached(error.__cause__):
            return NotAccepted(f"no connection to the provider: {_why(error)}", permanent=False)
        return InDoubt(f"no answer from the provider: {_why(error)}")
    if status // 100 != 4 or status in _NO_PROOF:
        return InDoubt(f"the provider answers {status}")
    answer = (
        error.response if isinstance(error.response, Mapping) else str(getattr(error.response, "text", ""))
    )
    return refused(status, answer, _why(error), asked_wait(_header(error, "retry-after")))


def _header(error: AnymailAPIError, name: str) -> str | None:
    """Return a header of the provider's answer; Amazon's library has them by small letters."""
    answer = error.response
    said = (
        answer["ResponseMetadata"].get("HTTPHeaders", {}) if isinstance(answer, Mapping) else answer.headers
    )
    found: str | None = said.get(name)
    return found


def _status_of(error: AnymailAPIError) -> int | None:
    if isinstance(error.response, Mapping):
        return int(error.response["ResponseMetadata"]["HTTPStatusCode"])
    status: int | None = getattr(error.response, "status_code", None)
    return status


def _never_reached(cause: BaseException | None) -> bool:
    """Whether a failure is proof that no request left."""
    if cause is None or isinstance(cause, ConnectTimeout) or type(cause).__name__ in _NOT_REACHED:
        return cause is not None
    inner = getattr(cause.args[0], "reason", None) if cause.args else None
    if isinstance(inner, NewConnectionError | ConnectTimeoutError):
        return True
    return any(isinstance(each, ssl.SSLCertVerificationError) for each in getattr(inner, "args", ()))


def _why(error: AnymailAPIError) -> str:
    """In short, and without what was sent: anymail's own text repeats it."""
    text = getattr(error.response, "text", "") or str(error.__cause__ or "")
    return shown_cause(text)[:200]
