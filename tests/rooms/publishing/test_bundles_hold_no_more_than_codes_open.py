"""A bundle tells everybody what two persons approved, and each person their own fields under their code."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ashiato.bundle.form import Bundle
from ashiato.bundle.openings import Opening, bucket_of, fingerprint_of, opening_input, unpack_grades
from ashiato.bundle.oprf import output_of
from ashiato.rooms.notifying.api import Because, Campaign, State
from ashiato.rooms.notifying.models import Notice
from ashiato.rooms.notifying.services.moving import move
from ashiato.rooms.publishing import api
from ashiato.terms.errors import ServerError
from tests.rooms.notifying import scenes
from tests.rooms.publishing.publications import approved_statement, bundle_of, code_of, told_campaign

pytestmark = pytest.mark.usefixtures("database")

_BIRTH = {"ja": "生年月日", "en": "Date of birth", "category": "birth", "grade": 2}


def _own_fields(made: Campaign, bundle: Bundle, code: str, contact: str) -> dict[str, int] | None:
    """What the public process answers, by the steps it takes."""
    asked, manifest = opening_input(code, contact), bundle.manifest
    opening = Opening(output_of(api.console_keys(made.case).public.oprf, asked))
    payload = opening.find([*bundle.buckets()][bucket_of(asked, manifest.bits)], manifest.record_bytes)
    labels = [each["ja"] for each in bundle.statement["labels"]]
    return dict(zip(labels, unpack_grades(payload, len(labels)), strict=True)) if payload else None


def test_a_code_with_its_contact_opens_own_fields_alone(tmp_path: Path) -> None:
    dan, emi = scenes.addressed("dan", "letter"), scenes.addressed("emi", "email")
    made = told_campaign(dan, replace(emi, fields=(*emi.fields, _BIRTH)))
    bundle_of(made, tmp_path / "b")
    with Bundle(tmp_path / "b", api.console_keys(made.case).public) as bundle:
        assert _own_fields(made, bundle, code_of(made, "dan"), "post:1600000") == {"お名前": 4, "生年月日": 0}
        assert _own_fields(made, bundle, code_of(made, "emi"), "mail:hanako@example.jp") == {
            "お名前": 4,
            "生年月日": 2,
        }
        assert _own_fields(made, bundle, code_of(made, "emi"), "post:1600000") is None
        assert _own_fields(made, bundle, code_of(made, "dan"), "mail:hanako@example.jp") is None


def test_nothing_of_anybody_stands_in_the_file(tmp_path: Path) -> None:
    made = told_campaign(scenes.addressed("dan", "letter"), scenes.addressed("emi", "email"))
    bundle_of(made, tmp_path / "b")
    content = (tmp_path / "b").read_bytes()
    codes = [each.code for each in Notice.objects.all()]
    for secret in (*codes, "160-0000", "1600000", "hanako@example.jp", "架空1-2-3", "090-1234-5678"):
        assert secret.encode() not in content, secret
    keys = api.console_keys(made.case)
    for key in (keys.signing, keys.opening, keys.public.pepper, keys.public.oprf):
        assert key not in content
    assert (tmp_path / "b").stat().st_mode & 0o077 == 0


def test_codes_are_those_that_may_be_in_somebodys_hands(tmp_path: Path) -> None:
    made = told_campaign(scenes.addressed("dan", "letter"))
    scenes.plan(made, [scenes.addressed("dan", "letter"), scenes.addressed("emi", "letter")], run=2)
    bundle_of(made, tmp_path / "b")
    keys = api.console_keys(made.case).public
    with Bundle(tmp_path / "b", keys) as bundle:
        given = [*bundle.fingerprints()]
    assert fingerprint_of(keys.pepper, code_of(made, "dan")) in given
    assert fingerprint_of(keys.pepper, code_of(made, "emi")) not in given, "no wave of hers is approved yet"
    assert given == sorted(given)


def test_a_cancelled_notice_has_no_code_in_the_next_bundle(tmp_path: Path) -> None:
    made = told_campaign(scenes.addressed("dan", "letter"))
    keys, code = api.console_keys(made.case).public, code_of(made, "dan")
    move([Notice.objects.get().pk], State.PLANNED, State.CANCELLED, Because("cleared", "test", scenes.AT))
    bundle_of(made, tmp_path / "b")
    with Bundle(tmp_path / "b", keys) as bundle:
        assert fingerprint_of(keys.pepper, code) not in [*bundle.fingerprints()]
        assert _own_fields(made, bundle, code, "post:1600000") is None


def test_who_is_told_something_else_by_now_waits_for_the_next_notice(tmp_path: Path) -> None:
    dan = scenes.addressed("dan", "letter")
    made = told_campaign(dan)
    Notice.objects.update(state="handed")
    scenes.plan(made, [replace(dan, fields=(*dan.fields, _BIRTH))], run=2)
    first = Notice.objects.order_by("pk")[0]
    bundle_of(made, tmp_path / "b")
    with Bundle(tmp_path / "b", api.console_keys(made.case).public) as bundle:
        told = _own_fields(made, bundle, first.code, "post:1600000")
    assert told == {"お名前": 0, "生年月日": 0}, "what nobody approved yet is not told by an old code"


def test_the_statement_needs_two_persons_as_it_stands(tmp_path: Path) -> None:
    made = told_campaign(scenes.addressed("dan"))
    said = approved_statement(made)
    aoi, ben = scenes.approvers()
    with pytest.raises(ServerError, match="second approval"):
        api.approve_statement(made, said, ben, scenes.AT)
    changed = {**said, "decided": True}
    with pytest.raises(ServerError, match="not approved by 2"):
        api.export_bundle(made, changed, tmp_path / "b", by=aoi, at=scenes.AT)
    assert not (tmp_path / "b").exists()


def test_editions_are_numbered_and_the_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    made = told_campaign(scenes.addressed("dan"), scenes.addressed("emi", "email"))
    said, aoi = approved_statement(made), scenes.approvers()[0]
    first = api.export_bundle(made, said, tmp_path / "1", by=aoi, at=scenes.AT)
    second = api.export_bundle(made, said, tmp_path / "2", by=aoi, at=scenes.AT)
    assert (first.number, second.number) == (1, 2)
    keys = api.console_keys(made.case).public
    with Bundle(tmp_path / "1", keys) as one, Bundle(tmp_path / "2", keys) as two:
        assert one.manifest.parts == two.manifest.parts


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("パスワードを入力してください。", "secret"),
        ("こちらのリンクをクリックしてください。", "link"),
        ("くわしくは www.mirai-pet-check.example.com へ。", "no address of the sender"),
        ("皆様の情報が漏えいしました。", "claims of everybody"),
        ("<script>alert(1)</script>", "markup"),
    ],
)
def test_a_text_that_a_fraudster_would_write_is_refused(tmp_path: Path, text: str, what: str) -> None:
    said = {"decided": False, "statements": [{"dated": "2026-11-24", "title": {"ja": "件", "en": "x"}}]}
    said["statements"][0]["text"] = {"ja": text, "en": "x"}  # type: ignore[index]
    (tmp_path / "s.yaml").write_text(json.dumps(said, ensure_ascii=False), "utf-8")
    with pytest.raises(ServerError, match=what) as refused:
        api.read_statement(tmp_path / "s.yaml", frozenset({"www.mirai-pet.example.jp"}))
    assert "s.yaml:1" in str(refused.value)
