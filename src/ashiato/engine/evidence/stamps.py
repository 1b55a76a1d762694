"""RFC 3161 timestamp tokens read and checked offline: what they stamp, when, and who signed.

Sources: RFC 3161, RFC 5652 (CMS), RFC 5816 (SigningCertificateV2), read 2026-11-22.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from asn1crypto import cms, tsp
from asn1crypto import core as asn1
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from ashiato.terms.errors import EvidenceError, Place
from ashiato.terms.times import us_of

_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}
_CHAIN_MOST = 10
_GRANTED = ("granted", "granted_with_mods")


class _Refused(Exception):  # noqa: N818 - becomes an EvidenceError that names the file
    """Why a token is not believed."""


@dataclass(frozen=True)
class Stamp:
    """A token whose signature holds: the digest it stamps, its time, and its signer.

    ``chain`` is ``checked`` when the signer leads to one of the given CA certificates, else
    ``chain not checked``: then the token shows a time only to those who trust the signer anyway.
    """

    algorithm: str
    digest: bytes
    time_us: int
    serial: str
    policy: str
    signer: str
    chain: str


def read_stamp(path: Path, trusted: Path | None = None) -> Stamp:
    """Read a token file (a TimeStampResp or the bare token, DER) and check its signature and chain.

    Raises: EvidenceError: it is no token, its signature does not hold, or its chain does not lead to
    the CA certificates (PEM) in ``trusted``.
    """
    try:
        signed = _signed_of(path.read_bytes())
        return _checked(signed, _load_trusted(trusted))
    except _Refused as refused:
        raise _error(path, str(refused)) from refused
    except (ValueError, TypeError, KeyError, OverflowError, AttributeError) as error:
        raise _error(path, "it is not an RFC 3161 token") from error
    except OSError as error:
        raise _error(path, f"it cannot be read: {error.strerror}") from error


def _error(path: Path, why: str) -> EvidenceError:
    return EvidenceError(
        f"the timestamp token is not accepted: {why}",
        where=Place(str(path)),
        fix="give the token file as the timestamping service returned it (.tsr), and its CA's certificates",
    )


def _signed_of(der: bytes) -> cms.SignedData:
    try:
        response = tsp.TimeStampResp.load(der, strict=True)
        status = response["status"]["status"].native
        token = response["time_stamp_token"]
    except (ValueError, TypeError):
        status, token = "granted", cms.ContentInfo.load(der, strict=True)
    if status not in _GRANTED:
        raise _Refused(f"the service refused it ({status})")
    if token["content_type"].native != "signed_data":
        raise _Refused("it holds no signed data")
    return token["content"]


def _checked(signed: cms.SignedData, trusted: Sequence[x509.Certificate]) -> Stamp:
    inside = signed["encap_content_info"]
    if inside["content_type"].native != "tst_info":
        raise _Refused("what is signed is no timestamp")
    content = bytes(inside["content"])
    info = tsp.TSTInfo.load(content, strict=True)
    held = _certificates_of(signed)
    signer = _check_signature(signed, content, [*held, *trusted])
    moment: datetime = info["gen_time"].native
    if trusted:
        _check_chain(signer, held, trusted, moment)
    imprint = info["message_imprint"]
    return Stamp(
        algorithm=imprint["hash_algorithm"]["algorithm"].native,
        digest=imprint["hashed_message"].native,
        time_us=us_of(moment),
        serial=str(info["serial_number"].native),
        policy=info["policy"].dotted,
        signer=signer.subject.rfc4514_string(),
        chain="checked" if trusted else "chain not checked",
    )


def _check_signature(
    signed: cms.SignedData, content: bytes, certificates: Sequence[x509.Certificate]
) -> x509.Certificate:
    """Return the signer's certificate, when its signature over the attributes and theirs over it hold."""
    infos = signed["signer_infos"]
    if len(infos) != 1:
        raise _Refused("it must have exactly one signer")
    info = infos[0]
    attributes = {one["type"].native: one["values"] for one in info["signed_attrs"]}
    algorithm = _hash_named(info["digest_algorithm"]["algorithm"].native)
    if attributes["content_type"][0].native != "tst_info":
        raise _Refused("its signature is over something else")
    if attributes["message_digest"][0].native != hashlib.new(algorithm.name, content).digest():
        raise _Refused("its content was changed after signing")
    signer = _named_signer(attributes, certificates)
    _check_purpose(signer)
    _verify(signer, info["signature"].native, info["signed_attrs"].untag().dump(), info)
    return signer


def _named_signer(
    attributes: dict[str, asn1.SetOf], certificates: Sequence[x509.Certificate]
) -> x509.Certificate:
    """Find the certificate whose hash the signer signed (ESSCertID, or V2 of RFC 5816)."""
    if "signing_certificate_v2" in attributes:
        named = attributes["signing_certificate_v2"][0]["certs"][0]
        algorithm = named["hash_algorithm"]["algorithm"].native
    elif "signing_certificate" in attributes:
        named, algorithm = attributes["signing_certificate"][0]["certs"][0], "sha1"
    else:
        raise _Refused("it does not say which certificate signed it")
    wanted = named["cert_hash"].native
    for certificate in certificates:
        der = certificate.public_bytes(Encoding.DER)
        if hashlib.new(algorithm, der, usedforsecurity=False).digest() == wanted:
            return certificate
    raise _Refused("the signer's certificate is not in it; give it with the CA certificates")


def _check_purpose(signer: x509.Certificate) -> None:
    try:
        usage = signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])
    if ExtendedKeyUsageOID.TIME_STAMPING not in usage:
        raise _Refused("its signer's certificate is not for timestamping")


def _verify(signer: x509.Certificate, signature: bytes, signed: bytes, info: cms.SignerInfo) -> None:
    key = signer.public_key()
    digest = _hash_named(info["digest_algorithm"]["algorithm"].native)
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, _rsa_padding(info, digest), digest)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(digest))
        elif isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
            key.verify(signature, signed)
        else:
            raise _Refused("its signer's kind of key is not known here")
    except (InvalidSignature, UnsupportedAlgorithm) as error:
        raise _Refused("its signature does not hold") from error


def _rsa_padding(info: cms.SignerInfo, digest: hashes.HashAlgorithm) -> padding.AsymmetricPadding:
    if info["signature_algorithm"].signature_algo == "rsassa_pss":
        return padding.PSS(padding.MGF1(digest), padding.PSS.AUTO)
    return padding.PKCS1v15()


def _check_chain(
    signer: x509.Certificate,
    held: Sequence[x509.Certificate],
    trusted: Sequence[x509.Certificate],
    moment: datetime,
) -> None:
    """Walk from the signer to a trusted certificate, each valid at the stamped moment."""
    current = signer
    for _ in range(_CHAIN_MOST):
        if not current.not_valid_before_utc <= moment <= current.not_valid_after_utc:
            raise _Refused(f"a certificate was not valid at its time: {current.subject.rfc4514_string()}")
        if current in trusted:
            return
        issuer = next((one for one in (*trusted, *held) if _issued(one, current)), None)
        if issuer is None or issuer == current:
            break
        current = issuer
    raise _Refused("its chain does not lead to one of the given CA certificates")


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
        return issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.ExtensionNotFound):
        return False


def _certificates_of(signed: cms.SignedData) -> list[x509.Certificate]:
    held = signed["certificates"] or []
    try:
        return [
            x509.load_der_x509_certificate(one.chosen.dump()) for one in held if one.name == "certificate"
        ]
    except (ValueError, x509.InvalidVersion) as error:
        raise _Refused("a certificate in it cannot be read") from error


def _load_trusted(path: Path | None) -> list[x509.Certificate]:
    if path is None:
        return []
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise _Refused(f"the CA file {path} holds no certificate in PEM form") from error


def _hash_named(name: str) -> hashes.HashAlgorithm:
    if name not in _HASHES:
        raise _Refused(f"it uses {name}, which is not accepted")
    return _HASHES[name]()
