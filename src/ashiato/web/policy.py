"""What a browser may do with a page of ours: load from here alone, run and style nothing written inline."""

from __future__ import annotations

from collections.abc import Mapping

from csp.constants import NONE, SELF


def strict_policy() -> Mapping[str, list[str]]:
    """Return the Content Security Policy by directive; ``data:`` is for pictures that a page draws itself."""
    own = {name: [SELF] for name in ("script-src", "style-src", "font-src", "connect-src", "form-action")}
    closed = {name: [NONE] for name in ("default-src", "object-src", "base-uri", "frame-ancestors")}
    return {**closed, **own, "img-src": [SELF, "data:"]}
