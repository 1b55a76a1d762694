"""What providers and gateways report by themselves: signed, in any order, twice, of notices nobody knows."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client, override_settings

from ashiato.outside.messages.outcomes import Accepted, InDoubt, Outcome, Still
from ashiato.outside.messages.secrets import Secret
from ashiato.outside.messages.sms.webhooks import signature_of
from ashiato.rooms.notifying.handing import Handed, Handing
from ashiato.rooms.notifying.models import Notice, Receipt
from ashiato.rooms.notifying.sending import Pace, SendingWorker
from ashiato.rooms.private_files import write_private
from ashiato.web.hooks import hooks_of
from ashiato.web.urls import urlpatterns
from tests.outside.messages.email import amazon
from tests.rooms import server
from tests.rooms.notifying import scenes

pytestmark = pytest.mark.filterwarnings("ignore:django-anymail has dropped official support for SendGrid")
_AUTH = "provider:hook-of-the-tests"
_KEY = "signing-key-of-the-tests"
_SIGNER = ec.generate_private_key(ec.SECP256R1())
_WHEN = "2026-11-22T10:00:00Z"
NAMES = ("postmark", "sendgrid", "mailgun", "amazon_ses")


@pytest.fixture(autouse=True)
def home(tmp_path: Path) -> Iterator[Path]:
    write_private(tmp_path / "auth", _AUTH.encode())
    write_private(tmp_path / "mailgun.key", _KEY.encode())
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    public = base64.b64encode(_SIGNER.public_key().public_bytes(*form))
    write_private(tmp_path / "sendgrid.key", public)
    write_private(tmp_path / "sns.pem", amazon.certificate())
    with server.fresh_sqlite(tmp_path):
        yield tmp_path


def given(outcome: Outcome, folder: Path) -> Notice:
    """A notice that was offered, and what became of that."""
    made = scenes.campaign()
    scenes.plan(made, [scenes.person("hanako", "email", "letter")])
    scenes.release(made)

    def hand(_notice: Notice, _at: object, _still: Still) -> Handed:
        return Handed(outcome, "digest")

    handing, pace = Handing({"email": hand}), Pace(hands=1)
    SendingWorker(made, handing, scenes.TestClock(), folder / "workers", pace).run()
    return Notice.objects.get(channel="email")


def state(notice: Notice) -> str:
    """Where it stands now."""
    return Notice.objects.get(pk=notice.pk).state


class Hook:
    """The address a provider reports to, and how each of them reports."""

    def __init__(self, name: str, home: Path) -> None:
        provider = {
            "name": name, "webhook_secret_file": "auth", "webhook_key_file": f"{name}.key",
            "webhook_topic": amazon.TOPIC, "webhook_certificate_files": ["sns.pem"],
        }  # fmt: skip
        self.name = name
        self.urls = (*urlpatterns, *hooks_of({"mail": {"provider": provider}}, home))

    def report(self, kind: str, reference: str, auth: str = _AUTH, sign: bool = True) -> int:
        """Send a report; returns the answer's status."""
        body, headers = _REPORTS[self.name](kind, reference)
        if not sign:
            body, headers = _unsigned(body, headers)
        return self.post(body, headers, auth)

    def post(self, body: bytes, headers: dict[str, str], auth: str = _AUTH) -> int:
        """Send a body; returns the answer's status."""
        basic = base64.b64encode(auth.encode()).decode()
        with override_settings(ROOT_URLCONF=self.urls):
            client = Client(headers={"Host": "localhost", "Authorization": f"Basic {basic}", **headers})
            return client.post("/mail", body, content_type="application/json").status_code


def _postmark(kind: str, reference: str) -> tuple[bytes, dict[str, str]]:
    said: dict[str, Any] = {"MessageID": "id-1", "Metadata": {"ashiato_reference": reference}}
    if kind == "delivered":
        said |= {"RecordType": "Delivery", "Recipient": "hanako@example.jp", "DeliveredAt": _WHEN}
    else:
        types = {"bounced": ("Bounce", "HardBounce"), "complained": ("SpamComplaint", "SpamComplaint")}
        record, type_ = types[kind]
        said |= {
            "RecordType": record,
            "Type": type_,
            "ID": 42,
            "Email": "hanako@example.jp",
            "BouncedAt": _WHEN,
        }
    return json.dumps(said).encode(), {}


def _sendgrid(kind: str, reference: str) -> tuple[bytes, dict[str, str]]:
    event = {"delivered": "delivered", "bounced": "bounce", "complained": "spamreport"}[kind]
    said = {
        "email": "hanako@example.jp", "timestamp": 1795000000, "event": event, "sg_event_id": f"e-{kind}",
        "sg_message_id": "id-1", "ashiato_reference": reference,
    }  # fmt: skip
    body, at = json.dumps([said]).encode(), "1795000000"
    signature = base64.b64encode(_SIGNER.sign(at.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()
    name = "X-Twilio-Email-Event-Webhook"
    return body, {f"{name}-Signature": signature, f"{name}-Timestamp": at}


def _mailgun(kind: str, reference: str) -> tuple[bytes, dict[str, str]]:
    event = {"delivered": "delivered", "bounced": "failed", "complained": "complained"}[kind]
    said = {
        "event": event, "severity": "permanent", "id": f"e-{kind}", "timestamp": 1795000000.5,
        "recipient": "hanako@example.jp", "user-variables": {"ashiato_reference": reference},
        "message": {"headers": {"message-id": "id-1"}},
    }  # fmt: skip
    token = hashlib.sha256(f"{kind}{reference}".encode()).hexdigest()
    signature = hmac.new(_KEY.encode(), f"1795000000{token}".encode(), hashlib.sha256).hexdigest()
    signed = {"timestamp": "1795000000", "token": token, "signature": signature}
    return json.dumps({"signature": signed, "event-data": said}).encode(), {}


def _amazon_ses(kind: str, reference: str) -> tuple[bytes, dict[str, str]]:
    kinds: dict[str, dict[str, Any]] = {
        "delivered": {"delivery": {"recipients": ["hanako@example.jp"], "timestamp": _WHEN}},
        "bounced": {"bounce": {
            "bounceType": "Permanent", "bounceSubType": "General", "feedbackId": "f", "timestamp": _WHEN,
            "bouncedRecipients": [{"emailAddress": "hanako@example.jp", "status": "5.1.1"}],
        }},
        "complained": {"complaint": {
            "complainedRecipients": [{"emailAddress": "hanako@example.jp"}], "feedbackId": "f",
            "complaintFeedbackType": "abuse", "timestamp": _WHEN,
        }},
    }  # fmt: skip
    types = {"delivered": "Delivery", "bounced": "Bounce", "complained": "Complaint"}
    header = {"name": "X-Metadata", "value": json.dumps({"ashiato_reference": reference})}
    mail = {
        "messageId": "id-1",
        "headers": [header],
        "destination": ["hanako@example.jp"],
        "timestamp": _WHEN,
    }
    said = {"eventType": types[kind], "mail": mail, **kinds[kind]}
    envelope = amazon.signed({"MessageId": f"sns-{kind}", "Message": json.dumps(said)})
    headers = {"x-amz-sns-message-type": "Notification", "x-amz-sns-message-id": f"sns-{kind}"}
    return json.dumps(envelope).encode(), headers


_REPORTS: dict[str, Callable[[str, str], tuple[bytes, dict[str, str]]]] = {
    "postmark": _postmark, "sendgrid": _sendgrid, "mailgun": _mailgun, "amazon_ses": _amazon_ses,
}  # fmt: skip


def _unsigned(body: bytes, headers: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    """The same with a signature that fits something else."""
    said = json.loads(body)
    if isinstance(said, dict) and "signature" in said:
        said["signature"]["signature"] = "0" * 64
    if isinstance(said, dict) and "Signature" in said:
        said["Message"] = said["Message"].replace("Bounce", "Bounce ")
    return json.dumps(said).encode() + b" ", headers


@pytest.mark.parametrize("name", NAMES)
def test_a_delivery_reaches_its_notice_once(name: str, home: Path) -> None:
    notice, hook = given(Accepted("id-1"), home), Hook(name, home)
    assert [hook.report("delivered", notice.reference) for _ in range(3)] == [200, 200, 200]
    assert state(notice) == "delivered"
    assert Receipt.objects.count() == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_bounce_after_a_delivery_sends_the_letter_once(name: str, home: Path) -> None:
    notice, hook = given(Accepted("id-1"), home), Hook(name, home)
    for kind in ("delivered", "bounced", "bounced", "delivered"):
        assert hook.report(kind, notice.reference) == 200
    assert state(notice) == "bounced"
    assert list(Notice.objects.filter(channel="letter").values_list("state", flat=True)) == ["planned"]


@pytest.mark.parametrize("name", NAMES)
def test_who_complains_has_it(name: str, home: Path) -> None:
    notice, hook = given(Accepted("id-1"), home), Hook(name, home)
    assert hook.report("complained", notice.reference) == 200
    assert state(notice) == "delivered"


@pytest.mark.parametrize("name", NAMES)
def test_a_report_settles_a_doubt(name: str, home: Path) -> None:
    notice, hook = given(InDoubt("no answer"), home), Hook(name, home)
    assert state(notice) == "unknown"
    assert hook.report("delivered", notice.reference) == 200
    assert state(notice) == "delivered"


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_the_providers_is_refused(name: str, home: Path) -> None:
    notice, hook = given(Accepted("id-1"), home), Hook(name, home)
    assert hook.report("bounced", notice.reference, auth="provider:another") == 400
    if name in ("mailgun", "sendgrid", "amazon_ses"):
        assert hook.report("bounced", notice.reference, sign=False) == 400
    assert state(notice) == "handed"
    assert hook.report("bounced", "0" * 32) == 200
    assert not Receipt.objects.exists()


@pytest.mark.parametrize(
    "body", [b"[]", b"7", b"{}", b"null", b'{"Type": ["Notification"]}', b"taro@example.jp", b"taro \xff\xfe"]
)
def test_what_is_no_message_of_amazons_is_refused_and_not_kept(
    body: bytes, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert Hook("amazon_ses", home).post(body, {}, auth="provider:another") == 400
    assert "taro" not in caplog.text


def test_a_report_of_amazons_played_again_later_is_refused(home: Path) -> None:
    notice, hook = given(Accepted("id-1"), home), Hook("amazon_ses", home)
    body, headers = _amazon_ses("bounced", notice.reference)
    old = amazon.signed({**json.loads(body), "Timestamp": "2026-11-22T10:00:00.000Z"})
    assert hook.post(json.dumps(old).encode(), headers) == 400
    assert state(notice) == "handed"
    assert [hook.post(body, headers), hook.post(body, headers)] == [200, 200]
    assert state(notice) == "bounced"
    assert Receipt.objects.count() == 1


def test_a_gateways_report_is_signed_and_taken_once(home: Path) -> None:
    notice = given(Accepted("id-1"), home)
    urls = (*urlpatterns, *hooks_of({"sms": {"webhook_secret_file": "auth"}}, home))
    body = json.dumps({"id": "e1", "reference": notice.reference, "status": "delivered"}).encode()
    at = int(time.time())

    def report(signature: str) -> int:
        with override_settings(ROOT_URLCONF=urls):
            client = Client(headers={"Host": "localhost", "X-Timestamp": str(at), "X-Signature": signature})
            return client.post("/sms", body, content_type="application/json").status_code

    assert report("0" * 64) == 400
    assert state(notice) == "handed"
    signature = signature_of(Secret(_AUTH.encode()), at, body)
    assert [report(signature), report(signature)] == [200, 200]
    assert state(notice) == "delivered"
    assert Receipt.objects.count() == 1
