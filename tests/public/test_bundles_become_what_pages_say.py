"""A bundle is taken in at one stroke or not at all; the store by itself tells nothing of anybody."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from ashiato.bundle.keys import ConsoleKeys
from tests.public.site import DAN, EMI, LETTERS, Edition, Letter, Site, command, prepare, running

pytestmark = pytest.mark.slow


def _check(site: Site, code: str) -> bool:
    return '<div class="answer genuine"' in site.ask(f"/check/{code}").text


def _site(tmp_path: Path) -> Site:
    home = tmp_path / "home"
    from tests.journeys.databases import free_port  # noqa: PLC0415

    port = free_port()
    return Site(home, port, prepare(home, port))


def test_a_new_edition_takes_the_old_ones_place(tmp_path: Path) -> None:
    site = _site(tmp_path)
    assert "edition 1 " in site.load(Edition(LETTERS).write(site.keys, tmp_path / "1")).stdout.lower()
    with running(site):
        assert (_check(site, DAN), _check(site, EMI)) == (True, True)
        assert site.load(Edition(LETTERS[1:], 2).write(site.keys, tmp_path / "2")).returncode == 0
        assert (_check(site, DAN), _check(site, EMI)) == (False, True), (
            "a code that was taken back is unknown"
        )


def test_what_is_old_or_foreign_or_torn_changes_nothing(tmp_path: Path) -> None:
    site = _site(tmp_path)
    first, second = (Edition(LETTERS, each).write(site.keys, tmp_path / str(each)) for each in (1, 2))
    assert site.load(second).returncode == 0
    assert site.load(second).returncode == 0, "the same again changes nothing"
    foreign = Edition((), 3).write(ConsoleKeys.make(), tmp_path / "3")
    (tmp_path / "4").write_bytes(second.read_bytes()[:-40])
    for wrong, word in (
        (first, "edition 2 is in force"),
        (foreign, "not signed"),
        (tmp_path / "4", "no whole"),
    ):
        refused = site.load(wrong)
        assert refused.returncode == 10
        assert word in refused.stderr
        assert "Traceback" not in refused.stderr
    with running(site):
        assert _check(site, DAN)


def test_the_store_names_nobody(tmp_path: Path) -> None:
    site = _site(tmp_path)
    site.load(Edition(LETTERS).write(site.keys, tmp_path / "1"))
    with running(site):
        assert _check(site, DAN)
        assert site.ask("/check/", {"asked": "090-1234-5678"}).status == 200
    held = b"".join(path.read_bytes() for path in site.home.glob("server.sqlite3*"))
    for secret in (DAN, EMI, "1600000", "emi@example.jp", "127.0.0.1", "09012345678", "090-1234-5678"):
        assert secret.encode() not in held, secret
    assert site.keys.public.pepper not in held
    assert site.keys.public.oprf not in held


def test_the_folder_is_refused_where_others_may_read_its_keys(tmp_path: Path) -> None:
    site = _site(tmp_path)
    bundle = Edition(LETTERS).write(site.keys, tmp_path / "1")
    (site.home / "public.key").chmod(0o644)
    assert "others than its owner" in site.load(bundle).stderr
    (site.home / "public.key").unlink()
    assert "cannot be read" in site.load(bundle).stderr
    (site.home / "public.yaml").write_text("hosts: []\nsecret: x\n", "utf-8")
    assert "public.yaml:" in site.load(bundle).stderr
    assert "no such file" in command("public", "load", str(bundle), "--home", str(tmp_path)).stderr


def test_tables_are_as_the_models_say_and_models_say_what_is_personal(tmp_path: Path) -> None:
    site = _site(tmp_path)
    code = (
        "import django; django.setup()\n"
        "from django.apps import apps\n"
        "from django.core.management import call_command\n"
        "call_command('makemigrations', check=True, dry_run=True, verbosity=0)\n"
        "models = apps.get_models()\n"
        "assert len(models) == 5\n"
        "for model in models:\n"
        "    assert model.__doc__.startswith('One row per '), model\n"
        "    assert all(';' in said for said in model.PERSONAL.values()), model\n"
        "    assert set(model.PERSONAL) <= {field.name for field in model._meta.get_fields()}\n"
        "import sys; print(sorted(name for name in sys.modules if name.startswith('ashiato.')))\n"
    )
    surroundings = {
        "ASHIATO_PUBLIC_HOME": str(site.home),
        "DJANGO_SETTINGS_MODULE": "ashiato.public.settings",
    }
    told = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **surroundings},  # noqa: TID251
    )
    assert "ashiato.rooms.private_files" in told.stdout
    for foreign in ("ashiato.engine", "ashiato.rooms.cases", "ashiato.rooms.notifying", "ashiato.datamap"):
        assert f"'{foreign}" not in told.stdout


#: Takes a bundle in; while its codes come, a visitor's form is written, and a code of the edition in force is
#: asked for. Where told to, the power fails then.
_MEANWHILE = """
import os, sqlite3, sys
from pathlib import Path
from ashiato.public.starting import start
home, bundle, code, fails = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
start(home)
from ashiato.bundle.form import Bundle
from ashiato.public.loading import load_bundle
from ashiato.public.store import own_store
whole = Bundle.fingerprints
def meanwhile(self):
    for number, each in enumerate(whole(self)):
        if number % 700 == 0:
            visitor = sqlite3.connect(home / "server.sqlite3", timeout=0)
            with visitor:
                row = (f"v{number}", os.getpid())
                visitor.execute("INSERT INTO public_tally (name, hour, count) VALUES (?, ?, 1)", row)
            visitor.close()
            print(own_store().has_code(code), flush=True)
        if fails and number == 1400:
            os._exit(9)
        yield each
Bundle.fingerprints = meanwhile
load_bundle(bundle)
print(own_store().has_code(code))
"""


def test_while_a_bundle_is_taken_in_forms_are_written_and_the_old_edition_answers(tmp_path: Path) -> None:
    site = _site(tmp_path)
    assert site.load(Edition(LETTERS).write(site.keys, tmp_path / "1")).returncode == 0
    many = [Letter(f"{number:012}", "post:1600000", (4, 0, 0, 0)) for number in range(1_500)]
    second = Edition(many, 2).write(site.keys, tmp_path / "2")

    def take(fails: str) -> tuple[int, list[str]]:
        words = (sys.executable, "-c", _MEANWHILE, str(site.home), str(second), DAN, fails)
        done = subprocess.run(words, check=False, capture_output=True, text=True)
        assert "locked" not in done.stderr, done.stderr
        return done.returncode, done.stdout.split()

    assert take("yes") == (9, ["True"] * 3)
    # What was broken off left nothing that answers, and hinders nothing.
    assert take("") == (0, ["True"] * 3 + ["False"])
    with sqlite3.connect(site.home / "server.sqlite3") as store:
        assert [*store.execute("SELECT edition, count(*) FROM public_codegiven GROUP BY edition")] == [
            (2, 1_500)
        ]
