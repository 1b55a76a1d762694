"""Why people turn to the desk: a fixed tree (``reasons.yaml``); a contact has one leaf of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from ashiato.law.api import Text
from ashiato.rooms.answering.words import Queue
from ashiato.terms.errors import ServerError


@dataclass(frozen=True)
class Reason:
    """One leaf: ``code`` is ``group.leaf``. ``queue`` empty: whoever answers by the way they came."""

    code: str
    group: Text
    text: Text
    queue: str
    is_sign_of_damage: bool
    is_for_another: bool


@cache
def reasons() -> Mapping[str, Reason]:
    """Return the tree by code, in its own order."""
    content = resources.files("ashiato.rooms.answering").joinpath("reasons.yaml").read_bytes()
    tree: dict[str, Any] = yaml.safe_load(content)
    found = (
        _reason(name, group, leaf, said) for name, group in tree.items() for leaf, said in _leaves(group)
    )
    return {each.code: each for each in found}


def reason_named(code: str) -> Reason:
    """Return a reason by its code; ServerError where there is none."""
    found = reasons().get(code)
    if found is None:
        what = f"no reason is called `{code[:40]}`"
        raise ServerError(what, fix="choose one of the tree (docs/guides/desk.md)")
    return found


def _leaves(group: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return list(group["leaves"].items())


def _reason(name: str, group: dict[str, Any], leaf: str, said: dict[str, Any]) -> Reason:
    return Reason(
        code=f"{name}.{leaf}",
        group=Text.of(group),
        text=Text.of(said),
        queue=str(Queue(said["queue"])) if "queue" in said else "",
        is_sign_of_damage=said.get("watch", False),
        is_for_another=said.get("another", False),
    )
