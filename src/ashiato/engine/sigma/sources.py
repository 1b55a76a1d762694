"""Which events a rule's log source means: the table they are in, and what its fields are called there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from ashiato.engine.sigma.predicates import ALWAYS, Node


@dataclass(frozen=True)
class Source:
    """Events of one kind: rows of ``table`` for which ``where`` holds.

    ``columns`` names the column of each field a rule may use; None: a field is the column of its own name,
    and one that no event has is absent from all. ``keywords``: the columns that values without a field are
    looked for in; None: every column.
    """

    table: str
    columns: Mapping[str, str] | None = None
    keywords: tuple[str, ...] | None = None
    where: Node = ALWAYS


@dataclass(frozen=True)
class LogSource:
    """A rule's ``logsource``, lower case."""

    category: str = ""
    product: str = ""
    service: str = ""

    def __str__(self) -> str:
        """Render as a rule writes it, on one line."""
        said = {"category": self.category, "product": self.product, "service": self.service}
        return ", ".join(f"{name}: {value}" for name, value in said.items() if value)

    def covers(self, other: LogSource) -> bool:
        """Tell whether what this one says, the other says too."""
        pairs = (
            (self.category, other.category),
            (self.product, other.product),
            (self.service, other.service),
        )
        return all(not mine or mine == its for mine, its in pairs)


#: Says where a log source's events are, or None where no table has them.
SourceOf: TypeAlias = Callable[[LogSource], Source | None]
