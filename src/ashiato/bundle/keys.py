"""The keys on either side: what the public process must hold, and what never leaves the console."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import asdict, dataclass
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from ashiato.bundle.oprf import derive_key
from ashiato.bundle.sodium import box_keys
from ashiato.terms.errors import ServerError

_SECRET_BYTES = 32


@dataclass(frozen=True)
class PublicKeys:
    """What the public process holds beside its store; each 32 bytes.

    ``pepper`` and ``oprf`` are secrets without which the store tells nothing. ``signer`` judges bundles;
    ``box`` seals what people send. Neither opens anything.
    """

    pepper: bytes
    oprf: bytes
    signer: bytes
    box: bytes

    def written(self) -> bytes:
        """Return the file that is carried over to the public process once."""
        return _written(asdict(self))

    @classmethod
    def read(cls, content: bytes) -> Self:
        """Read such a file; ServerError where it is none."""
        return cls(**_read(content, tuple(cls.__dataclass_fields__)))

    def check(self, signature: bytes, content: bytes) -> bool:
        """Whether the console signed this."""
        try:
            Ed25519PublicKey.from_public_bytes(self.signer).verify(signature, content)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class ConsoleKeys:
    """What stays with the console: the public side's keys, what signs, and what opens boxes."""

    public: PublicKeys
    signing: bytes
    opening: bytes

    @classmethod
    def make(cls) -> Self:
        """Return new keys."""
        box, opening = box_keys()
        private = Ed25519PrivateKey.generate()
        signer = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        oprf = derive_key(secrets.token_bytes(_SECRET_BYTES), b"own fields")
        public = PublicKeys(secrets.token_bytes(_SECRET_BYTES), oprf, signer, box)
        return cls(public, private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()), opening)

    def written(self) -> bytes:
        """Return the file that the console keeps."""
        return _written(asdict(self.public) | {"signing": self.signing, "opening": self.opening})

    @classmethod
    def read(cls, content: bytes) -> Self:
        """Read such a file; ServerError where it is none."""
        held = _read(content, (*PublicKeys.__dataclass_fields__, "signing", "opening"))
        signing, opening = held.pop("signing"), held.pop("opening")
        return cls(PublicKeys(**held), signing, opening)

    def sign(self, content: bytes) -> bytes:
        """Return the signature of the console."""
        return Ed25519PrivateKey.from_private_bytes(self.signing).sign(content)


def _written(held: dict[str, bytes]) -> bytes:
    text = {name: base64.b64encode(value).decode() for name, value in held.items()}
    return (json.dumps(text, indent=1, sort_keys=True) + "\n").encode()


def _read(content: bytes, names: tuple[str, ...]) -> dict[str, bytes]:
    try:
        text = json.loads(content)
        held = {name: base64.b64decode(text[name], validate=True) for name in names}
    except (ValueError, KeyError, TypeError) as error:
        fix = "make it with `ashiato public keys` and carry it over unchanged"
        raise ServerError("this is no file of keys for the public pages", fix=fix) from error
    if any(len(value) != _SECRET_BYTES for value in held.values()):
        raise ServerError("a key of the public pages is not 32 bytes long", fix="carry the file over anew")
    return held
