"""Read ``uv.lock``: which packages a machine of a given kind would install, and as which wheels."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from packaging.markers import Marker
from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from tests.house.source import ROOT

Package = dict[str, Any]

_GLIBC_MINOR = 36  # Debian 12


@dataclass(frozen=True)
class Machine:
    """A kind of machine Ashiato is promised to install on."""

    system: str
    processor: str
    python: tuple[int, int]

    def __str__(self) -> str:
        """Render as ``darwin-arm64-3.11``."""
        return f"{self.system}-{self.processor}-{self.python[0]}.{self.python[1]}"

    @property
    def platforms(self) -> list[str]:
        """The wheel platforms this machine takes."""
        if self.system == "darwin":
            return list(mac_platforms((14, 0), self.processor))
        named = [f"manylinux_2_{minor}_{self.processor}" for minor in range(_GLIBC_MINOR, 4, -1)]
        return [*named, f"manylinux2014_{self.processor}", f"manylinux1_{self.processor}"]

    @property
    def tags(self) -> set[Tag]:
        """Every wheel tag this machine takes."""
        return {
            *cpython_tags(self.python, platforms=self.platforms),
            *compatible_tags(self.python, platforms=self.platforms),
        }

    def holds(self, marker: str | None) -> bool:
        """Tell whether a dependency's marker is true on this machine."""
        version = f"{self.python[0]}.{self.python[1]}"
        surroundings = {
            "sys_platform": self.system,
            "platform_system": "Darwin" if self.system == "darwin" else "Linux",
            "platform_machine": self.processor,
            "platform_python_implementation": "CPython",
            "implementation_name": "cpython",
            "os_name": "posix",
            "python_version": version,
            "python_full_version": f"{version}.2",
            "extra": "",
        }
        return marker is None or Marker(marker).evaluate(surroundings)


MACHINES = [
    Machine(system, processor, (3, minor))
    for system, processor in [
        ("linux", "x86_64"),
        ("linux", "aarch64"),
        ("darwin", "x86_64"),
        ("darwin", "arm64"),
    ]
    for minor in (11, 12, 13)
]


@cache
def locked_packages() -> tuple[Package, ...]:
    """Every package entry of the lock file."""
    return tuple(tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"])


def runtime_of(machine: Machine, extra: str | None = None) -> Iterator[Package]:
    """Yield the entries that ``uv sync --no-dev`` would install on this machine, with one extra."""
    root = _entry("ashiato", None, machine)
    waiting = list(root["dependencies"])
    if extra is not None:
        waiting += root["optional-dependencies"][extra]
    seen: set[str] = set()
    while waiting:
        needed = waiting.pop()
        if needed["name"] in seen or not machine.holds(needed.get("marker")):
            continue
        seen.add(needed["name"])
        package = _entry(needed["name"], needed.get("version"), machine)
        yield package
        waiting += _needs_of(package, needed.get("extra", ()))


def has_wheel(package: Package, machine: Machine) -> bool:
    """Tell whether one of a package's wheels can be installed on this machine."""
    tags = machine.tags
    return any(_tags_of(wheel["url"]) & tags for wheel in package.get("wheels", ()))


def _needs_of(package: Package, extras: Iterable[str]) -> list[Package]:
    optional = package.get("optional-dependencies", {})
    return [*package.get("dependencies", ()), *(need for extra in extras for need in optional[extra])]


def _entry(name: str, version: str | None, machine: Machine) -> Package:
    for package in locked_packages():
        markers = package.get("resolution-markers")
        fits = not markers or any(machine.holds(marker) for marker in markers)
        if package["name"] == name and version in (None, package["version"]) and fits:
            return package
    message = f"uv.lock has no {name} {version or ''} for {machine}"
    raise LookupError(message)


def _tags_of(url: str) -> frozenset[Tag]:
    try:
        return parse_wheel_filename(url.rsplit("/", 1)[1])[3]
    except InvalidWheelFilename:
        return frozenset()
