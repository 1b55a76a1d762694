"""What proves somebody on the command line is no longer the password of the console."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column of its own, empty: who decides on the command line is given a secret anew."""

    dependencies = (("accounts", "0002_each_entry_follows_one"),)

    operations = (
        migrations.AddField(
            model_name="staff",
            name="cli_secret",
            field=models.CharField(blank=True, max_length=128),
        ),
    )
