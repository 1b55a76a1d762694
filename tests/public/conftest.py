"""One site for all tests that only look; whoever changes a site makes one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.public.site import Site, serving


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Served pages with the shipped statement and two people told, behind a server of ours."""
    with serving(tmp_path_factory.mktemp("site") / "home", proxies=1) as served:
        yield served
