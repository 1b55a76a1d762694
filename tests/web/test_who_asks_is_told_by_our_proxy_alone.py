"""Whose tries are counted: the address our own proxy names, and never what a visitor writes of themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.rooms import server

server.home()


@pytest.mark.parametrize(
    ("proxy", "peer", "said", "counted"),
    [
        ("10.0.0.1", "10.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "10.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "192.0.2.9", "203.0.113.7", "192.0.2.9"),
        ("", "127.0.0.1", "203.0.113.7", "127.0.0.1"),
    ],
)
def test_the_last_word_of_our_proxy_counts(proxy: str, peer: str, said: str, counted: str) -> None:
    from django.conf import settings  # noqa: PLC0415 - ready only once started
    from django.test import RequestFactory, override_settings  # noqa: PLC0415

    from ashiato.web.adapters import StaffAdapter  # noqa: PLC0415

    told = {"X-Forwarded-For": said} if said else {}
    request = RequestFactory().get("/", headers=told, REMOTE_ADDR=peer)
    with override_settings(SITE=replace(settings.SITE, proxy=proxy)):
        assert StaffAdapter().get_client_ip(request) == counted
