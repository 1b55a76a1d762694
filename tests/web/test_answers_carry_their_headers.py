from __future__ import annotations

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
