from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cryptography import x509

from ashiato.engine.case import Case
from ashiato.engine.chain import head_of
from ashiato.engine.evidence import stamps
from ashiato.engine.evidence.sealing import Token, add_evidence
from ashiato.engine.evidence.stamps import read_stamp
from ashiato.engine.evidence.tokens import list_tokens
from ashiato.engine.ledger import list_entries
from ashiato.engine.sealed import list_sealed
from ashiato.engine.verifying import verify_case
from ashiato.terms.errors import EvidenceError
from tests.engine.casework import flip_byte, log_lines, new_case
from tests.engine.evidence.stamping import Service, start_service

if shutil.which("openssl") is None:
    pytest.skip("no openssl program: apt-get install openssl", allow_module_level=True)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Service:
    return start_service(tmp_path_factory.mktemp("tsa") / "rsa")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "access.log"
    path.write_bytes(log_lines(30))
    return path


@pytest.fixture
def case(tmp_path: Path) -> Case:
    return new_case(tmp_path / "case")


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize("bare", [True, False])
def test_a_token_over_an_original_is_kept(
    case: Case, log: Path, service: Service, algorithm: str, bare: bool
) -> None:
    token = service.stamp(log, algorithm, bare=bare)
    sealing = add_evidence(case, [log], token=Token(token, service.authority))
    assert sealing.token is not None
    assert sealing.token.over == "original access.log"
    assert (sealing.token.chain, sealing.token.signer) == ("checked", "CN=Test tsa")
    assert sealing.token.policy == "1.2.3.4.1"
    assert (case.folder / sealing.token.file).read_bytes() == token.read_bytes()
    assert verify_case(case) == []


def test_a_token_over_the_manifest_comes_later(case: Case, log: Path, service: Service) -> None:
    add_evidence(case, [log])
    root = head_of(case.folder / "evidence" / "manifest.jsonl")
    sealing = add_evidence(case, [], token=Token(service.stamp(root)))
    assert sealing.token is not None
    assert (sealing.token.over, sealing.token.chain) == ("manifest 1", "chain not checked")
    add_evidence(case, [], token=Token(service.stamp(list_entries(case.folder)[-1]["hash"])))
    assert [link["over"] for link in list_tokens(case.folder)] == ["manifest 1", "ledger 3"]
    assert verify_case(case) == []


def test_a_token_over_something_else_is_refused(case: Case, log: Path, service: Service) -> None:
    other = log.with_name("other.log")
    other.write_bytes(b"other\n")
    with pytest.raises(EvidenceError, match="stamps nothing that is sealed"):
        add_evidence(case, [log], token=Token(service.stamp(other)))
    assert [sealed.file for sealed in list_sealed(case.folder)] == ["access.log"]
    assert verify_case(case) == []


def test_another_authority_is_refused(log: Path, service: Service, tmp_path: Path) -> None:
    stranger = start_service(tmp_path / "stranger")
    with pytest.raises(EvidenceError, match="does not lead to one of the given CA"):
        read_stamp(service.stamp(log), stranger.authority)


def test_the_signer_itself_may_be_trusted(log: Path, service: Service) -> None:
    assert read_stamp(service.stamp(log), service.folder / "tsa.pem").chain == "checked"


def test_a_ca_file_without_certificates_is_refused(log: Path, service: Service, tmp_path: Path) -> None:
    for trusted in (log, tmp_path / "missing.pem"):
        with pytest.raises(EvidenceError, match="no certificate in PEM form"):
            read_stamp(service.stamp(log), trusted)


def test_a_signer_for_another_purpose_is_refused(service: Service) -> None:
    authority = x509.load_pem_x509_certificate(service.authority.read_bytes())
    with pytest.raises(stamps._Refused, match="not for timestamping"):
        stamps._check_purpose(authority)


def test_tokens_signed_on_an_elliptic_curve_hold(log: Path, tmp_path: Path) -> None:
    service = start_service(tmp_path / "ec", "ec:prime256v1")
    assert read_stamp(service.stamp(log), service.authority).chain == "checked"


def test_any_flipped_byte_breaks_a_token(log: Path, service: Service) -> None:
    token = service.stamp(log, bare=True)
    whole = read_stamp(token, service.authority)
    size = token.stat().st_size
    survived = []
    for place in range(0, size, 7):
        flip_byte(token, place, 1 << place % 8)
        try:
            if read_stamp(token, service.authority) != whole:
                survived.append(place)
        except EvidenceError:
            pass
        flip_byte(token, place, 1 << place % 8)
    assert survived == []


@pytest.mark.parametrize("content", [b"", b"rubbish", b"\x30\x03\x02\x01\x00", b"0" * 4000])
def test_what_is_no_token_is_refused(case: Case, log: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.tsr").write_bytes(content)
    with pytest.raises(EvidenceError, match="not accepted"):
        add_evidence(case, [log], token=Token(tmp_path / "x.tsr"))


def test_a_refusal_of_the_service_is_no_token(service: Service, log: Path, tmp_path: Path) -> None:
    token = service.stamp(log)
    response = bytearray(token.read_bytes())
    place = response.index(b"\x02\x01\x00")
    response[place + 2] = 2
    (tmp_path / "refused.tsr").write_bytes(bytes(response))
    with pytest.raises(EvidenceError, match="the service refused it"):
        read_stamp(tmp_path / "refused.tsr")


def test_a_token_changed_in_the_case_is_found(case: Case, log: Path, service: Service) -> None:
    sealing = add_evidence(case, [log], token=Token(service.stamp(log)))
    assert sealing.token is not None
    flip_byte(case.folder / sealing.token.file, 700)
    assert sealing.token.file in {problem.file for problem in verify_case(case)}
