"""The analyst's own Sigma rules: taken into the case, so that it stays complete in itself."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from ashiato.engine.case import RULES_FOLDER, Case, writing
from ashiato.engine.fingerprints import fingerprint_of
from ashiato.engine.runs import Run
from ashiato.engine.store import Store
from ashiato.terms.errors import CaseError, Place

ADDED = "rules add"
_SUFFIXES = (".yml", ".yaml")


@dataclass(frozen=True)
class RefusedRule:
    """A rule that the run could not use: its file and line in the case's rules, and why."""

    file: str
    line: int | None
    why: str


def add_rules(case: Case, path: Path) -> int:
    """Copy a rule file, or all below a folder, into the case's rules; return how many there are.

    The same name again takes the place of what was there. Raises CaseError: there is no rule file.
    """
    base = path.parent if path.is_file() else path
    found = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    found = sorted(each for each in found if each.suffix in _SUFFIXES)
    if not found:
        raise CaseError(
            "there is no rule here: no .yml or .yaml file",
            where=Place(str(path)),
            fix="name a file or a folder of Sigma rules",
        )
    folder = case.folder / RULES_FOLDER / (path.stem if path.is_file() else path.resolve().name)
    with writing(case):
        if folder.exists():
            shutil.rmtree(folder)
        for each in found:
            kept = folder / each.relative_to(base)
            kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copyfile(each, kept)
        prints = {
            p.relative_to(folder).as_posix(): fingerprint_of(p).sha256 for p in sorted(folder.rglob("*.y*ml"))
        }
        case.record(ADDED, inputs={"path": str(path)}, results={"folder": folder.name, "files": prints})
    return len(found)


def refused_rules(run: Run) -> tuple[RefusedRule, ...]:
    """Return the rules that a run could not use, by file and line."""
    with Store(run.folder) as store:
        if not store.has("rules"):
            return ()
        sql = "SELECT rule_file, rule_line, refusal FROM rules WHERE rule_use = 'refused' ORDER BY ALL"
        return tuple(RefusedRule(*row) for row in store.rows(sql))
