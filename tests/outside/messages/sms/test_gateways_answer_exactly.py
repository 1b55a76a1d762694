"""What we believe of a short message and what the gateway sent on agree; its key lets nothing go twice."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ashiato.outside.messages.outcomes import TOO_LATE, Accepted, InDoubt, MessageError, NotAccepted, Outcome
from ashiato.outside.messages.secrets import Secret
from ashiato.outside.messages.sms.apprise_gateway import AppriseSender
from ashiato.outside.messages.sms.gateway import Gateway, GatewaySender, Sms
from tests.sinks.http_gateway import TOKEN, HttpGateway

_LAST = [0]
_TEXT = "【例示ペット保険】お客様の情報に関する大切なお知らせを郵送しました。"


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpGateway]:
    with HttpGateway(tmp_path_factory.mktemp("gateway")) as started:
        yield started


def _next(**changed: Any) -> Sms:
    _LAST[0] += 1
    return replace(Sms(f"n{_LAST[0]:012d}", "090-1234-5678", _TEXT), **changed)


def _sender(base: str, token: str = TOKEN, timeout: float = 2.0) -> GatewaySender:
    _OPEN.append(GatewaySender(Gateway(base, Secret(token.encode()), "Ashiato", timeout=timeout)))
    return _OPEN[-1]


_OPEN: list[GatewaySender] = []


@pytest.fixture(autouse=True)
def _closing() -> Iterator[None]:
    """Close what a test opened."""
    yield
    while _OPEN:
        _OPEN.pop().close()


def _sent(sink: HttpGateway, *faults: dict[str, Any], timeout: float = 2.0) -> tuple[Outcome, Sms, Any]:
    """One message under these faults: what we believe, and what is found when all is well again."""
    sender = _sender(sink.base, timeout=timeout)
    message = _next()
    sink.set_faults(*faults)
    outcome = sender.send(message)
    sink.set_faults()
    found = sender.find(message.reference)
    return outcome, message, found


def test_a_message_is_accepted_with_the_gateways_id(sink: HttpGateway) -> None:
    outcome, message, found = _sent(sink)
    assert isinstance(outcome, Accepted)
    assert found == outcome
    asked = _sender(sink.base).find_all({message.reference: None, "n-never-offered": None})
    assert asked[message.reference] == outcome
    assert isinstance(asked["n-never-offered"], NotAccepted)
    (line,) = [line for line in sink.accepted() if line["reference"] == message.reference]
    assert (line["to"], line["text"], line["id"]) == ("+819012345678", _TEXT, outcome.reference)


@pytest.mark.parametrize(
    ("fault", "copies"),
    [
        ({"phase": "connect", "act": "drop"}, 0),
        ({"phase": "dot", "act": "drop"}, 0),
        ({"phase": "taken", "act": "drop"}, 1),
        ({"phase": "taken", "act": "wait", "seconds": 0.4}, 1),
        ({"phase": "dot", "act": "reply", "code": 500}, 0),
        ({"phase": "taken", "act": "reply", "code": 503}, 1),
        ({"phase": "taken", "act": "reply", "code": 302}, 1),
        ({"phase": "taken", "act": "reply", "code": 200, "text": "<html>"}, 1),
        ({"phase": "taken", "act": "reply", "code": 200, "text": '{"id": 7}'}, 1),
        ({"phase": "taken", "act": "reply", "code": 408}, 1),
    ],
)
def test_no_clear_answer_is_doubt_that_asking_resolves(
    sink: HttpGateway, fault: dict[str, Any], copies: int
) -> None:
    outcome, message, found = _sent(sink, fault, timeout=0.2)
    assert isinstance(outcome, InDoubt)
    assert isinstance(found, Accepted if copies else NotAccepted)
    assert sink.copies()[message.reference] == copies
    # Whatever is believed, the key lets a second attempt send nothing twice.
    assert isinstance(_sender(sink.base).send(message), Accepted)
    assert sink.copies()[message.reference] == 1


@pytest.mark.parametrize(
    ("code", "text", "meant"),
    [
        (400, '{"error": "bad"}', (True, "message")),
        (422, '{"error": "invalid-recipient"}', (True, "recipient")),
        (413, "", (True, "message")),
        (401, "{}", (False, "service")),
        (402, "{}", (False, "service")),
        (404, "{}", (False, "service")),
        (429, "{}", (False, "service")),
    ],
)
def test_a_refusal_tells_whose_matter_it_is(
    sink: HttpGateway, code: int, text: str, meant: tuple[bool, str]
) -> None:
    outcome, message, found = _sent(sink, {"phase": "dot", "act": "reply", "code": code, "text": text})
    assert isinstance(outcome, NotAccepted)
    assert (outcome.permanent, outcome.about) == meant
    assert isinstance(found, NotAccepted)
    assert sink.copies()[message.reference] == 0


@pytest.mark.parametrize(
    ("said", "seconds"), [("120", 120), ("9" * 40, 86_400), ("-1", 0), ("soon", 0), ("", 0), (None, 0)]
)
def test_how_long_a_gateway_asks_to_be_left_alone_is_kept(
    sink: HttpGateway, said: str | None, seconds: int
) -> None:
    headers = {} if said is None else {"Retry-After": said}
    outcome, *_ = _sent(sink, {"phase": "dot", "act": "reply", "code": 429, "headers": headers})
    assert isinstance(outcome, NotAccepted)
    assert (outcome.wait_s, outcome.about) == (seconds, "service")


def test_a_key_with_another_text_is_doubt_not_a_second_message(sink: HttpGateway) -> None:
    sender, message = _sender(sink.base), _next()
    assert isinstance(sender.send(message), Accepted)
    assert isinstance(sender.send(replace(message, text="another")), InDoubt)
    assert sink.copies()[message.reference] == 1


def test_a_gateway_that_cannot_be_asked_tells_nothing(sink: HttpGateway) -> None:
    sender, message = _sender(sink.base, timeout=0.2), _next()
    for fault in (
        {"phase": "find", "act": "drop"},
        {"phase": "find", "act": "wait", "seconds": 0.3},
        {"phase": "find", "act": "reply", "code": 404, "text": "<html>not found</html>"},
        {"phase": "find", "act": "reply", "code": 200, "text": '{"id": "m1", "reference": "another"}'},
    ):
        sink.set_faults(fault)
        assert sender.find(message.reference) is None
    sink.set_faults()


def test_nobody_listening_took_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    sender = _sender(f"http://127.0.0.1:{port}")
    outcome = sender.send(_next())
    assert isinstance(outcome, NotAccepted)
    assert (outcome.permanent, outcome.about) == (False, "service")
    assert sender.find("n0000000001") is None


def test_a_wrong_token_is_everybodys_matter_and_never_shown(sink: HttpGateway) -> None:
    sender = _sender(sink.base, token="hunter2")  # noqa: S106 - fictional
    outcome = sender.send(_next())
    assert isinstance(outcome, NotAccepted)
    assert outcome.about == "service"
    assert "hunter2" not in f"{outcome}{sender._gateway}"


def test_what_may_not_be_sent_is_not_offered(sink: HttpGateway) -> None:
    sender = _sender(sink.base)
    number, text = sender.send(_next(number="03-1234-5678")), sender.send(_next(text="あ" * 800))
    assert isinstance(number, NotAccepted)
    assert isinstance(text, NotAccepted)
    assert (number.about, text.about, number.permanent, text.permanent) == (
        "recipient",
        "message",
        True,
        True,
    )


@pytest.mark.parametrize("base", ["http://gateway.example.jp/v1", "ftp://x", "gateway"])
def test_a_gateway_in_clear_text_is_refused(base: str) -> None:
    with pytest.raises(MessageError, match="https"):
        Gateway(base, Secret(b"x"), "Ashiato")


@pytest.mark.slow  # Apprise reads all its services first, some of which warn
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_apprise_says_yes_or_is_in_doubt(sink: HttpGateway) -> None:
    sender = AppriseSender(Secret(f"json://127.0.0.1:{sink.port}/{{to}}".encode()))
    sink.set_faults({"phase": "connect", "act": "reply", "code": 200})
    assert isinstance(sender.send(_next()), Accepted)
    sink.set_faults({"phase": "connect", "act": "reply", "code": 500})
    assert isinstance(sender.send(_next()), InDoubt)
    sink.set_faults()
    assert isinstance(AppriseSender(Secret(b"nowhere://{to}")).send(_next()), NotAccepted)
    for refused in (b"json://127.0.0.1/", b"json://127.0.0.1/{to}?retry=3"):
        with pytest.raises(MessageError):
            AppriseSender(Secret(refused))


def test_a_message_no_longer_to_go_is_not_taken(sink: HttpGateway) -> None:
    message = _next()
    assert _sender(sink.base).send(message, lambda: False) == TOO_LATE
    assert sink.copies()[message.reference] == 0


@pytest.mark.parametrize("token", [b"a\nb", "ü".encode(), b"a\x00"])
def test_a_token_no_header_may_hold_is_refused_unnamed(token: bytes) -> None:
    with pytest.raises(MessageError, match="token") as refused:
        Gateway("https://gateway.example.jp", Secret(token), "Ashiato")
    assert token.decode() not in str(refused.value)
