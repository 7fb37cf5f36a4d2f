"""Turns at the top of their ladder are marked, and those of an official found by when they were due."""

import django.db.models.deletion
from django.db import migrations, models

from casework.migrations._climbed import CLIMBED, DROP_CLIMBED


class Migration(migrations.Migration):
    dependencies = [("casework", "0022_undo")]

    operations = [
        migrations.AddField(
            model_name="turn",
            name="is_climbed",
            field=models.BooleanField(db_default=False),
        ),
        migrations.AlterField(
            model_name="turn",
            name="office",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="boundaries.office",
            ),
        ),
        migrations.AddIndex(
            model_name="turn",
            index=models.Index(
                condition=models.Q(("answered_at", None), ("ended_at", None), ("is_climbed", False)),
                fields=["due_at"],
                name="turn_climbing",
            ),
        ),
        migrations.AddIndex(
            model_name="turn",
            index=models.Index(fields=["office", "official", "due_at"], name="turn_of_official"),
        ),
        migrations.AddIndex(
            model_name="turn",
            index=models.Index(
                condition=models.Q(("answered_at__isnull", False)),
                fields=["office", "official", "began_at"],
                name="turn_answered",
            ),
        ),
        migrations.RunSQL(CLIMBED, DROP_CLIMBED),
    ]
