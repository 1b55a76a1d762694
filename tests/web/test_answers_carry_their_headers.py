from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.urls import reverse

from tests.web.console.scenes import signed_in, staff_named


@pytest.mark.usefixtures("database")
def test_pages_forbid_what_is_not_ours() -> None:
    for answer in (
        signed_in(None).get(reverse("account_login")),
        signed_in(staff_named("aoi")).get(reverse("cases")),
    ):
        policy = answer.headers["Content-Security-Policy"]
        assert answer.status_code == 200
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.usefixtures("database")
def test_another_host_is_refused() -> None:
    assert signed_in(None).get(reverse("account_login"), HTTP_HOST="evil.example").status_code == 400


@pytest.mark.usefixtures("database")
def test_no_method_is_answered_that_no_page_knows() -> None:
    client = signed_in(None)
    for method in ("TRACE", "CONNECT", "PROPFIND"):
        answer = client.generic(method, reverse("account_login"), HTTP_X_TOLD="said")
        assert (answer.status_code, b"said" in answer.content) == (405, False)


_ASKED = """
import json, django
django.setup()
from django.conf import settings
from ashiato.web.console.tokens import _CARRIER
names = [name for name in dir(settings) if "COOKIE" in name or "HSTS" in name]
print(json.dumps({name: getattr(settings, name) for name in names} | {"carrier": _CARRIER}))
"""


@pytest.mark.slow
def test_by_https_cookies_are_of_this_host_alone(tmp_path: Path) -> None:
    (tmp_path / "server.yaml").write_text("web:\n  address: https://console.example.jp\n")
    around = {"ASHIATO_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "ashiato.web.settings"}
    told = subprocess.run([sys.executable, "-c", _ASKED], env=around, capture_output=True, check=True).stdout
    said = json.loads(told)
    for cookie in ("SESSION", "CSRF", "LANGUAGE"):
        assert said[f"{cookie}_COOKIE_NAME"].startswith("__Host-")
        assert (said[f"{cookie}_COOKIE_SECURE"], said[f"{cookie}_COOKIE_HTTPONLY"]) == (True, True)
        assert (said[f"{cookie}_COOKIE_DOMAIN"], said[f"{cookie}_COOKIE_PATH"]) == (None, "/")
        assert said[f"{cookie}_COOKIE_SAMESITE"] == "Lax"
    assert said["carrier"].startswith("__Secure-")
    assert (said["SECURE_HSTS_SECONDS"], said["SECURE_HSTS_INCLUDE_SUBDOMAINS"]) == (31_536_000, True)
