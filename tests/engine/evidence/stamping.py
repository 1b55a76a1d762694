"""A timestamping service of the test's own, run by the openssl program."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

_CONFIG = """
[req]
distinguished_name = name
prompt = no
[name]
CN = {name}
[ca]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
[tsa]
basicConstraints = critical, CA:false
extendedKeyUsage = critical, timeStamping
[plain]
basicConstraints = critical, CA:false
extendedKeyUsage = critical, serverAuth
[tsa_config]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


@dataclass(frozen=True)
class Service:
    """A certificate authority, and a timestamping service that it vouches for."""

    folder: Path

    @property
    def authority(self) -> Path:
        """The CA's certificate (PEM)."""
        return self.folder / "ca.pem"

    def stamp(self, target: Path | str, algorithm: str = "sha256", *, bare: bool = False) -> Path:
        """Return a token over a file, or over a digest given in hex; ``bare``: without the response."""
        query, token = (
            self.folder / "query.tsq",
            self.folder / f"token-{len(list(self.folder.iterdir()))}.tsr",
        )
        over = ["-digest", target] if isinstance(target, str) else ["-data", str(target)]
        _openssl("ts", "-query", *over, f"-{algorithm}", "-cert", "-out", str(query))
        reply = ["ts", "-reply", "-config", str(self.folder / "tsa.cnf"), "-section", "tsa_config"]
        reply += ["-queryfile", str(query), "-signer", str(self.folder / "tsa.pem")]
        reply += ["-inkey", str(self.folder / "tsa.key"), "-out", str(token)]
        _openssl(*reply, *(["-token_out"] if bare else []))
        return token


def start_service(folder: Path, key: str = "rsa:2048", purpose: str = "tsa") -> Service:
    """Make keys and certificates; ``purpose`` is the section of the service's extensions."""
    folder.mkdir()
    (folder / "serial").write_text("01\n")
    for name in ("ca", "tsa"):
        (folder / f"{name}.cnf").write_text(_CONFIG.format(name=f"Test {name}", folder=folder))
    _make_certificate(folder, "ca", key, ["-extensions", "ca"])
    authority = ["-CA", str(folder / "ca.pem"), "-CAkey", str(folder / "ca.key")]
    _make_certificate(folder, "tsa", key, ["-extensions", purpose, *authority])
    return Service(folder)


def _make_certificate(folder: Path, name: str, key: str, rest: list[str]) -> None:
    kind, _, option = key.partition(":")
    made = ["-newkey", key] if kind == "rsa" else ["-newkey", kind, "-pkeyopt", f"ec_paramgen_curve:{option}"]
    files = ["-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.pem")]
    config = ["-config", str(folder / f"{name}.cnf")]
    _openssl("req", "-x509", "-nodes", "-days", "30", *made, *files, *config, *rest)


def _openssl(*words: str) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True)
