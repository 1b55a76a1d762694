"""Where providers and gateways report what became of messages: include it under an address of the server's.

``mail`` takes the reports of the provider that ``server.yaml`` names, by anymail: its user and password are
asked for, and its signature is checked where it signs, Amazon's by ourselves. ``sms`` takes those of the
gateway, signed. A report that is not theirs is refused (400); one of a notice that nobody knows is taken and
forgotten: it would be sent again for days.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from anymail.exceptions import AnymailAPIError, AnymailWebhookValidationFailure
from anymail.signals import tracking
from anymail.webhooks.amazon_ses import AmazonSESTrackingWebhookView
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from anymail.webhooks.sendgrid import SendGridTrackingWebhookView
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from ashiato.outside.messages.email.sns import Topic, check_message, read_topic
from ashiato.outside.messages.outcomes import MessageError
from ashiato.outside.messages.secrets import read_secret
from ashiato.outside.messages.sms.webhooks import read_event
from ashiato.rooms.notifying.api import Report, State, record_receipt, take_event

_AMAZON = "amazon_ses"
_VIEWS: dict[str, Any] = {
    "mailgun": MailgunTrackingWebhookView,
    "postmark": PostmarkTrackingWebhookView,
    "sendgrid": SendGridTrackingWebhookView,
}
#: By which name anymail knows the key that reports are signed with.
_KEYS = {"mailgun": "webhook_signing_key", "sendgrid": "tracking_webhook_verification_key"}
_SMS = {"delivered": State.DELIVERED, "failed": State.BOUNCED, "underway": State.HANDED}


def hooks_of(said: Mapping[str, Any], home: Path) -> list[URLPattern]:
    """Return the addresses that the operator's file asks for."""
    patterns = []
    if "provider" in said.get("mail", {}):
        patterns.append(_mail_hook(said["mail"]["provider"], home))
    if "webhook_secret_file" in said.get("sms", {}):
        patterns.append(path("sms", _sms_hook(home / said["sms"]["webhook_secret_file"]), name="sms-hook"))
    return patterns


def _mail_hook(provider: Mapping[str, Any], home: Path) -> URLPattern:
    name = provider["name"]
    view = _signed_by_amazon(provider, home) if name == _AMAZON else _VIEWS[name]
    asked = {"webhook_secret": read_secret(home / provider["webhook_secret_file"]).text}
    if name in _KEYS:
        asked[_KEYS[name]] = read_secret(home / provider["webhook_key_file"]).text
    # Anymail lets only what the class names be said here.
    named: Any = type(view.__name__, (view,), {"warn_if_no_basic_auth": False, **dict.fromkeys(asked)})
    hook: URLPattern = path("mail", named.as_view(**asked), name="mail-hook")
    return hook


def _signed_by_amazon(provider: Mapping[str, Any], home: Path) -> Any:  # noqa: ANN401 - anymail has no types
    """Anymail's view, with what it leaves undone: Amazon's signature, our topic, and the message's age."""
    files = [home / each for each in provider["webhook_certificate_files"]]
    topic: Topic = read_topic(provider["webhook_topic"], files)

    class AmazonHook(AmazonSESTrackingWebhookView):  # type: ignore[misc]  # anymail has no types
        def validate_request(self, request: HttpRequest) -> None:
            try:
                check_message(self._parse_sns_message(request), topic, _now())
            except MessageError as refused:
                raise AnymailWebhookValidationFailure(str(refused)) from None
            except AnymailAPIError:
                # Anymail's words for it are the whole body, which the log is not to keep.
                raise AnymailWebhookValidationFailure("a message that is no JSON") from None

    return AmazonHook


def _sms_hook(secret: Path) -> Any:  # noqa: ANN401 - a view, as Django's decorators leave it
    @csrf_exempt
    @require_POST
    def take(request: HttpRequest) -> HttpResponse:
        said = (request.headers.get("X-Timestamp", ""), request.headers.get("X-Signature", ""))
        try:
            event = read_event(read_secret(secret), *said, request.body, time.time())
        except MessageError as refused:
            return HttpResponseBadRequest(refused.what)
        record_receipt(Report(event.key, event.reference, _SMS[event.status], event.words), _now())
        return HttpResponse()

    return take


def _take(event: Any, **_: object) -> None:  # noqa: ANN401 - anymail has no types
    take_event(event, _now())


def _now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


tracking.connect(_take, dispatch_uid="ashiato")
urlpatterns = hooks_of(settings.CONFIGURATION.said, settings.ASHIATO_HOME)
