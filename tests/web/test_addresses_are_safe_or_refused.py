from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ashiato.terms.errors import ServerError
from ashiato.web.addresses import site_of
from ashiato.web.configuration import Configuration


def _site(**said: Any) -> Any:
    return site_of(Configuration(Path("/srv"), said={"web": said} if said else {}))


def test_without_a_word_the_console_is_for_this_machine_alone() -> None:
    site = _site()
    assert (site.origin, site.bind, site.is_secure) == ("http://localhost:8765", "127.0.0.1", False)
    assert set(site.hosts) == {"localhost", "127.0.0.1", "[::1]"}


def test_an_address_of_the_operator_is_the_only_host() -> None:
    site = _site(address="https://console.example.co.jp/", bind="10.0.0.5", proxy="10.0.0.1")
    assert (site.origin, site.hosts) == ("https://console.example.co.jp", ("console.example.co.jp",))
    assert site.is_secure


@pytest.mark.parametrize(
    "said",
    [
        {"bind": "0.0.0.0"},  # noqa: S104 - what is refused
        {"bind": "192.0.2.4", "address": "http://localhost:8765"},
        {"address": "http://console.example.co.jp"},
        {"address": "http://127.0.0.1.example.net"},
    ],
)
def test_plain_http_to_others_is_refused(said: dict[str, str]) -> None:
    with pytest.raises(ServerError, match="without https"):
        _site(**said)
