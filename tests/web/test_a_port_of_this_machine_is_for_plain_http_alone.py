"""`serve --port`: another port of this machine, where the console is this machine's alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ashiato.terms.errors import ServerError
from tests.rooms import server

server.home()


def test_another_port_is_of_this_machine() -> None:
    from django.test import override_settings  # noqa: PLC0415 - ready only once started

    from ashiato.web.serving import site_here  # noqa: PLC0415

    with override_settings(CSRF_TRUSTED_ORIGINS=[]):
        site = site_here(9321)
    assert (site.origin, site.bind, site.port) == ("http://localhost:9321", "127.0.0.1", 9321)


def test_a_console_with_a_certificate_has_no_other_port() -> None:
    from django.conf import settings  # noqa: PLC0415 - ready only once started
    from django.test import override_settings  # noqa: PLC0415

    from ashiato.web.serving import site_here  # noqa: PLC0415

    secure = replace(settings.SITE, origin="https://console.example.co.jp")
    with override_settings(SITE=secure):
        assert site_here(secure.port) == secure
        with pytest.raises(ServerError, match="no port of this machine"):
            site_here(9321)
