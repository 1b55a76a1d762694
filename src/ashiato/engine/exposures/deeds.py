"""What a logged write did, and to which rows: the words in which a table's past is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

#: What is known of a row: column and value as text, in order of columns.
Known = tuple[tuple[str, str | None], ...]


class Deed(StrEnum):
    """What a write did to its rows.

    ``LEFT``: they have other keys since; ``ANY``: it cannot be told. Of rows that may have been there or
    not: ``ENSURED``, put in or else written over in what it sets; ``OFFERED``, put in or else left as they
    were (or refused); ``REPLACED``, put in, whatever was there before taken out.
    """

    SET = "set"
    PUT = "put"
    TAKEN = "taken"
    LEFT = "left"
    ENSURED = "ensured"
    OFFERED = "offered"
    REPLACED = "replaced"
    ANY = "any"


#: What the text of a statement that writes is searched for, as a regular expression of the database's own.
WORDS = (
    "(?i)\\b(update|insert|delete|merge|truncate|copy|alter|drop|rename|into|load\\s+data|load\\s+xml|"
    "create\\s+(\\w+\\s+){0,3}table|replace\\s+(low_priority|delayed)|replace\\s+[\\w.`]+\\s*(values?|set|select))\\b|"
    "\\breplace\\s+[\\w.`]+\\s*[(]"
)

#: Deeds on rows that may have been there or not.
UPSERTS = frozenset({Deed.ENSURED, Deed.OFFERED, Deed.REPLACED})


@dataclass(frozen=True)
class Write:
    """One row written, or with ``key`` None rows of a table that cannot be told one by one.

    ``told``: columns and values it had afterwards, of a row taken out: before. ``untold``: other columns
    that were set. ``was``: the key before, where the write gave it another. ``put``: what it had if it was
    put in by an upsert. ``held``: of rows not told one by one, values each of them had in a column before;
    ``whole``: every row that had them was written; ``rows``: how many they were at most, None: not known.
    ``unsure``: whether it was kept, and when, is not known.
    ``time_us``: when others first saw it; between ``begun_us`` and ``ended_us`` it is not known who did.
    """

    kept_as: str
    time_us: int
    deed: Deed
    key: str | None = None
    told: Known = ()
    untold: tuple[str, ...] = ()
    was: Known = ()
    begun_us: int | None = field(default=None, compare=False)
    ended_us: int | None = field(default=None, compare=False)
    put: Known = ()
    held: Known = ()
    whole: bool = False
    rows: int | None = None
    unsure: bool = False

    @property
    def unclear(self) -> tuple[int, int]:
        """Between when it is not known who saw it."""
        begun = self.time_us if self.begun_us is None else self.begun_us
        return begun, self.time_us if self.ended_us is None else self.ended_us

    @property
    def order(self) -> tuple[object, ...]:
        """What writes are sorted by."""
        said = (
            str(self.told),
            self.untold,
            str(self.put),
            str(self.held),
            self.whole,
            str(self.rows),
            self.unsure,
        )
        return (self.time_us, self.kept_as, self.key or "", self.deed, *said)

    @property
    def known(self) -> Known:
        """What is known of a row put in or taken out."""
        return self.put if self.deed in UPSERTS else self.told

    @property
    def columns(self) -> frozenset[str]:
        """The columns it set, as far as it names them."""
        return frozenset(name for name, _ in self.told) | frozenset(self.untold)


@dataclass(frozen=True)
class Logged:
    """A statement as the log has it; ``rows``: how many it touched, None where that was not logged.

    ``seen_us``: when its transaction was kept, None: at once; ``unsure``: whether it was kept is not known.
    """

    text: str
    binds: str | None
    time_us: int
    rows: int | None
    step_us: int
    seen_us: int | None = None
    unsure: bool = False
