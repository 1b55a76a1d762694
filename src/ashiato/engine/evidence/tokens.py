"""Timestamp tokens of a case: matched with what they stamp, kept beside the evidence, checked again later."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from ashiato.engine.case import Case
from ashiato.engine.chain import Body, append_link, read_links
from ashiato.engine.evidence.stamps import Stamp, read_stamp
from ashiato.engine.ledger import LEDGER
from ashiato.engine.sealed import MANIFEST, list_originals
from ashiato.terms.errors import EvidenceError, Place

TOKENS = "evidence/tokens"
_PIECE_BYTES = 1 << 20


@dataclass(frozen=True)
class TokenFacts:
    """One token that was taken in: where it is kept, and what it shows.

    ``over`` names what is stamped: ``original <file>``, or ``manifest`` or ``ledger`` with a line
    number: then everything up to that line existed at ``time_us``.
    """

    file: str
    sha256: str
    over: str
    time_us: int
    serial: str
    policy: str
    signer: str
    chain: str


def keep_token(case: Case, path: Path, trusted: Path | None = None) -> TokenFacts:
    """Check a token, find what it stamps among the sealed originals, manifest and ledger, and keep it.

    Raises: EvidenceError: the token does not hold, or stamps nothing that is in the case.
    """
    stamp = read_stamp(path, trusted)
    over = find_stamped(case.folder, stamp)
    if over is None:
        raise EvidenceError(
            "the timestamp token stamps nothing that is sealed in this case",
            where=Place(str(path)),
            fix="give the token made over an original's SHA-256 as added, or the manifest's last hash",
        )
    facts = _facts_of(_copied(case.folder, path), stamp, over)
    if not any(link.get("sha256") == facts.sha256 for link in list_tokens(case.folder)):
        append_link(case.folder / MANIFEST, {"kind": "token", **asdict(facts)})
    return facts


def list_tokens(case_folder: Path) -> list[Body]:
    """Return the manifest's entries of tokens, in the order of adding."""
    return [link for link in read_links(case_folder / MANIFEST) if link["kind"] == "token"]


def find_stamped(case_folder: Path, stamp: Stamp) -> str | None:
    """Return what in the case has the stamped digest, or None."""
    named = (name for name, digest in _digests(case_folder, stamp.algorithm) if digest == stamp.digest)
    return next(named, None)


def _digests(case_folder: Path, algorithm: str) -> Iterator[tuple[str, bytes]]:
    if algorithm == "sha256":
        for link in list_originals(case_folder):
            yield f"original {link['file']}", bytes.fromhex(link["sha256"])
        for name, chain in (("manifest", MANIFEST), ("ledger", LEDGER)):
            for link in read_links(case_folder / chain):
                yield f"{name} {link['seq']}", bytes.fromhex(link["hash"])
    elif algorithm in ("sha384", "sha512"):
        for link in list_originals(case_folder):
            yield f"original {link['file']}", _digest_of(case_folder / link["kept_as"], algorithm)


def _digest_of(path: Path, algorithm: str) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).digest()


def _copied(case_folder: Path, path: Path) -> tuple[str, str]:
    token = path.read_bytes()
    sha256 = hashlib.sha256(token).hexdigest()
    kept = case_folder / TOKENS / f"{sha256}.tsr"
    kept.parent.mkdir(exist_ok=True, mode=0o700)
    beside = kept.with_name(f".{kept.name}")
    beside.write_bytes(token)
    beside.chmod(0o400)
    beside.replace(kept)
    return f"{TOKENS}/{kept.name}", sha256


def _facts_of(kept: tuple[str, str], stamp: Stamp, over: str) -> TokenFacts:
    return TokenFacts(
        file=kept[0],
        sha256=kept[1],
        over=over,
        time_us=stamp.time_us,
        serial=stamp.serial,
        policy=stamp.policy,
        signer=stamp.signer,
        chain=stamp.chain,
    )
