from __future__ import annotations

import hashlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ashiato.engine.evidence import sealing
from ashiato.engine.evidence.sealing import Custody, add_evidence
from ashiato.engine.fingerprints import Fingerprint, fingerprint_stream
from ashiato.engine.ledger import list_entries
from ashiato.engine.sealed import SealedFile, TruncatedContent, list_sealed, open_content
from ashiato.engine.verifying import verify_case
from ashiato.terms.errors import CaseError, EvidenceError
from tests.engine.casework import NOW_US, content_of, log_lines, new_case, packed


def _sealed(folder: Path) -> dict[str, SealedFile]:
    return {sealed.file: sealed for sealed in list_sealed(folder)}


def test_a_folder_is_sealed_with_its_facts(tmp_path: Path) -> None:
    logs = tmp_path / "evidence"
    (logs / "nginx").mkdir(parents=True)
    plain, unended = log_lines(50), log_lines(3, 90) + b"no newline at the end"
    (logs / "nginx" / "access.log").write_bytes(unended)
    (logs / "nginx" / "access.log.1.gz").write_bytes(packed(plain))
    (logs / "nginx" / "error.log").touch()
    case = new_case(tmp_path / "case")
    result = add_evidence(case, [logs], Custody("web01", "Aoi"))
    assert result.added == ("nginx/access.log", "nginx/access.log.1.gz", "nginx/error.log")
    sealed = _sealed(case.folder)
    gz = sealed["nginx/access.log.1.gz"]
    assert gz.original_sha256 == hashlib.sha256(packed(plain)).hexdigest()
    assert gz.content_sha256 == hashlib.sha256(plain).hexdigest()
    assert (gz.original_bytes, gz.content_bytes, gz.content_lines) == (len(packed(plain)), len(plain), 50)
    assert (gz.compression, gz.source, gz.custodian, gz.added_us) == ("gz", "web01", "Aoi", NOW_US)
    assert sealed["nginx/access.log"].content_lines == 4
    assert sealed["nginx/error.log"].content_lines == sealed["nginx/error.log"].content_bytes == 0
    assert gz.modified_us == (logs / "nginx" / "access.log.1.gz").stat().st_mtime_ns // 1000
    assert content_of(case.folder, gz) == plain
    assert verify_case(case) == []


def test_the_copy_is_read_only_and_whole(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_bytes(log_lines(9))
    case = new_case(tmp_path / "case")
    add_evidence(case, [tmp_path / "access.log"])
    kept = case.folder / list_sealed(case.folder)[0].kept_as
    assert stat.S_IMODE(kept.stat().st_mode) == 0o400
    assert kept.read_bytes() == log_lines(9)


def test_evidence_by_reference_stays_where_it_is(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_bytes(log_lines(9))
    case = new_case(tmp_path / "case")
    add_evidence(case, [log], Custody(by_reference=True))
    sealed = list_sealed(case.folder)[0]
    assert sealed.kept_as == str(log)
    assert content_of(case.folder, sealed) == log_lines(9)
    assert list((case.folder / "evidence" / "sealed").iterdir()) == []
    log.unlink()
    with pytest.raises(EvidenceError, match="not where it was"):
        open_content(case.folder, sealed)


def test_the_same_again_is_told_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "access.log").write_bytes(log_lines(9))
    case = new_case(tmp_path / "case")
    add_evidence(case, [tmp_path / "access.log"])
    before = (case.folder / "evidence" / "manifest.jsonl").read_bytes()
    again = add_evidence(case, [tmp_path / "access.log"])
    assert (again.added, again.already) == ((), ("access.log",))
    assert (case.folder / "evidence" / "manifest.jsonl").read_bytes() == before
    assert len(list_entries(case.folder, "evidence add")) == 1


def test_one_name_for_other_content_is_told_apart(tmp_path: Path) -> None:
    for host, start in (("web01", 0), ("web02", 1000)):
        (tmp_path / host).mkdir()
        (tmp_path / host / "access.log").write_bytes(log_lines(5, start))
    case = new_case(tmp_path / "case")
    add_evidence(case, [tmp_path / "web02" / "access.log", tmp_path / "web01" / "access.log"])
    sealed = _sealed(case.folder)
    assert sorted(sealed) == ["access.log", "web02/access.log"]
    assert content_of(case.folder, sealed["web02/access.log"]) == log_lines(5, 1000)
    again = add_evidence(case, [tmp_path / "web02" / "access.log", tmp_path / "web01" / "access.log"])
    assert (again.added, again.already) == ((), ("access.log", "web02/access.log"))


def test_links_pipes_and_the_case_itself_are_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "all"
    folder.mkdir()
    (folder / "a.log").write_bytes(log_lines(2))
    (folder / "link.log").symlink_to(folder / "a.log")
    (folder / "round").symlink_to(folder)
    os.mkfifo(folder / "pipe")
    case = new_case(folder / "case")
    result = add_evidence(case, [folder])
    assert result.added == ("a.log",)
    reasons = {Path(one.path).name: one.reason for one in result.skipped}
    assert reasons.keys() == {"link.log", "round", "pipe"}
    assert "symbolic link" in reasons["round"]


def test_an_unreadable_file_costs_no_other(tmp_path: Path) -> None:
    unreadable = Path("/proc/self/mem")
    if not unreadable.exists():
        pytest.skip("only on Linux: a file that cannot be read even by root")
    (tmp_path / "a.log").write_bytes(log_lines(2))
    case = new_case(tmp_path / "case")
    result = add_evidence(case, [unreadable, tmp_path / "a.log"])
    assert result.added == ("a.log",)
    assert [one.path for one in result.skipped] == [str(unreadable)]
    assert verify_case(case) == []


def test_a_path_that_is_not_there_seals_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(log_lines(2))
    case = new_case(tmp_path / "case")
    with pytest.raises(EvidenceError, match="cannot be found"):
        add_evidence(case, [tmp_path / "a.log", tmp_path / "typo.log"])
    assert list_sealed(case.folder) == ()


def test_a_truncated_gzip_is_sealed_with_its_break(tmp_path: Path) -> None:
    log = tmp_path / "access.log.gz"
    whole = packed(log_lines(5000))
    log.write_bytes(whole[: len(whole) // 2])
    case = new_case(tmp_path / "case")
    result = add_evidence(case, [log])
    sealed = list_sealed(case.folder)[0]
    assert sealed.broken is not None
    assert [one.path for one in result.inside] == ["access.log.gz"]
    stream = open_content(case.folder, sealed)
    content = stream.read(sealed.content_bytes)
    assert log_lines(5000).startswith(content)
    assert hashlib.sha256(content).hexdigest() == sealed.content_sha256
    with pytest.raises(TruncatedContent):
        stream.read(1)


def test_a_second_writer_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(log_lines(2))
    case = new_case(tmp_path / "case")
    hold = (
        "import sys, time; from pathlib import Path; from ashiato.engine.lock import hold_lock\n"
        "with hold_lock(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(case.folder)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(CaseError, match=f"process {holder.pid} on"):
            add_evidence(case, [tmp_path / "a.log"])
        holder.kill()
    assert add_evidence(case, [tmp_path / "a.log"]).added == ("a.log",)


@pytest.mark.slow
def test_a_kill_while_sealing_is_made_good(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for number in range(30):
        (logs / f"access.log.{number:02}").write_bytes(log_lines(20_000, number))
    case = new_case(tmp_path / "case")
    work = (
        "import sys; from pathlib import Path; from ashiato.engine.case import open_case\n"
        "from ashiato.engine.evidence.sealing import add_evidence\n"
        "add_evidence(open_case(Path(sys.argv[1]), lambda: 1), [Path(sys.argv[2])])"
    )
    manifest = case.folder / "evidence" / "manifest.jsonl"
    with subprocess.Popen([sys.executable, "-c", work, str(case.folder), str(logs)]) as worker:
        while worker.poll() is None and (not manifest.exists() or manifest.read_bytes().count(b"\n") < 4):
            time.sleep(0.001)
        worker.send_signal(signal.SIGKILL)
    sealed_before = len(list_sealed(case.folder))
    assert 4 <= sealed_before < 30
    assert any("cut short" in problem.what for problem in verify_case(case))
    result = add_evidence(case, [logs])
    assert len(result.already) == sealed_before
    assert len(list_sealed(case.folder)) == 30
    assert verify_case(case) == []


_NAMES = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=20
).filter(lambda name: name not in (".", "..") and len(name.encode()) < 200)

#: Beginning with a letter, so that none looks packed.
_CONTENTS = st.binary(max_size=200).map(lambda content: b"x" + content if content else b"")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.dictionaries(_NAMES, _CONTENTS, min_size=1, max_size=6))
def test_any_names_and_bytes_come_back(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]
) -> None:
    base = tmp_path_factory.mktemp("names")
    (base / "logs").mkdir()
    for name, content in files.items():
        (base / "logs" / name).write_bytes(content)
    written = {path.name: path.read_bytes() for path in (base / "logs").iterdir()}
    case = new_case(base / "case")
    add_evidence(case, [base / "logs"])
    sealed = list_sealed(case.folder)
    assert {one.file: content_of(case.folder, one) for one in sealed} == written
    assert len({one.evidence_id for one in sealed}) == len(written)


def test_bytes_of_names_that_are_no_text_are_spelt_out(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    try:
        Path(os.fsdecode(os.fsencode(tmp_path / "logs") + b"/\xff\xfe.log")).write_bytes(b"x\n")
    except OSError:
        pytest.skip("only on Linux: a file system that takes any bytes as a name")
    case = new_case(tmp_path / "case")
    assert add_evidence(case, [tmp_path / "logs"]).added == ("\\xff\\xfe.log",)
    assert verify_case(case) == []


def test_a_log_sealed_again_and_again_keeps_its_versions(tmp_path: Path) -> None:
    case = new_case(tmp_path / "case")
    versions = len(tmp_path.parts) + 2
    for number in range(versions):
        (tmp_path / "access.log").write_bytes(log_lines(5, number * 10))
        assert len(add_evidence(case, [tmp_path / "access.log"]).added) == 1
    sealed = list_sealed(case.folder)
    assert len({one.file for one in sealed}) == versions
    contents = {content_of(case.folder, one) for one in sealed}
    assert contents == {log_lines(5, number * 10) for number in range(versions)}
    assert add_evidence(case, [tmp_path / "access.log"]).added == ()
    assert verify_case(case) == []


def test_a_disk_too_small_is_told_before_copying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.log").write_bytes(log_lines(2))
    case = new_case(tmp_path / "case")
    free = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: free)
    with pytest.raises(EvidenceError, match="the disk has 1,000"):
        add_evidence(case, [tmp_path / "a.log"])
    assert add_evidence(case, [tmp_path / "a.log"], Custody(by_reference=True)).added == ("a.log",)


def test_a_log_that_grows_while_referred_to_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(log_lines(2))
    case = new_case(tmp_path / "case")

    def read_and_grow(file: BinaryIO) -> Fingerprint:
        print_ = fingerprint_stream(file)
        log.write_bytes(log_lines(3))
        return print_

    monkeypatch.setattr(sealing, "fingerprint_stream", read_and_grow)
    result = add_evidence(case, [log], Custody(by_reference=True))
    assert [one.reason for one in result.skipped] == ["it changed while it was read"]
    assert list_sealed(case.folder) == ()
