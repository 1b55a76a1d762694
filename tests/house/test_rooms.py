"""Laws of the rooms: who may point at whom, what is personal, and that the tables are as the models say."""

from __future__ import annotations

import subprocess
import sys
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models

from tests.rooms import server

#: The earlier rooms first.
ORDER = ("accounts", "cases", "watching", "containing", "ending", "notifying", "publishing", "answering")

server.home()
MODELS = [model for model in apps.get_models() if model.__module__.startswith("ashiato.")]


def test_every_room_stands_in_the_order() -> None:
    assert {model._meta.app_label for model in MODELS} == set(ORDER)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_no_relation_points_to_a_later_room(model: type[models.Model]) -> None:
    own = ORDER.index(model._meta.app_label)
    for field in model._meta.get_fields():
        if isinstance(field, models.ForeignKey | models.ManyToManyField):
            target = field.related_model
            assert isinstance(target, type)
            assert ORDER.index(target._meta.app_label) <= own, f"{model.__name__}.{field.name}"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_model_says_its_grain_and_what_is_personal(model: type[models.Model]) -> None:
    assert (model.__doc__ or "").startswith("One row per "), model
    personal = model.__dict__["PERSONAL"]
    assert set(personal) <= {field.name for field in model._meta.get_fields()}
    for column, said in personal.items():
        assert ";" in said, f"{model.__name__}.{column}: say what it is; how it is retired"


def test_every_change_of_a_model_has_its_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0, stdout=StringIO())
    assert MODELS


def test_the_command_line_starts_without_django() -> None:
    code = "import sys, ashiato.cli.main; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
