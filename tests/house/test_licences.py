"""We may give Ashiato away only if everything it runs on lets us."""

from __future__ import annotations

import pytest

from tests.house.licences import ALLOWED, is_allowed, problems, runtime_packages


def test_every_runtime_package_has_an_allowed_licence() -> None:
    assert problems() == []


def test_the_walk_reaches_dependencies_of_dependencies() -> None:
    names = {found.name.lower() for found in runtime_packages()}
    assert {"duckdb", "cffi", "markupsafe", "py4j"} <= names


@pytest.mark.parametrize(
    "licence",
    [
        "GPL-3.0-only",
        "AGPL-3.0-or-later",
        "GNU General Public License v2 (GPLv2)",
        "GNU Affero General Public License v3",
        "Other/Proprietary License",
        "none stated",
    ],
)
def test_a_licence_that_binds_us_is_refused(licence: str) -> None:
    assert not is_allowed(licence)


@pytest.mark.parametrize(
    "licence",
    [
        "Apache-2.0",
        "MIT-0",
        "LGPL-2.1-only",
        "GNU Lesser General Public License v2 (LGPLv2)",
        "GPL-2.0-only OR MIT",
        "ISC License (ISCL)",
    ],
)
def test_a_licence_on_the_list_is_taken(licence: str) -> None:
    assert is_allowed(licence)
    assert ALLOWED.search(licence)
