"""Turns of an official by the official first: by the office first the planner reads the board in its order."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("casework", "0023_bounded_reads")]

    operations = [
        migrations.RemoveIndex(model_name="turn", name="turn_of_official"),
        migrations.AlterField(
            model_name="turn",
            name="office",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to="boundaries.office"
            ),
        ),
        migrations.AlterField(
            model_name="turn",
            name="official",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="boundaries.official",
            ),
        ),
        migrations.AddIndex(
            model_name="turn",
            index=models.Index(fields=["official", "office", "due_at"], name="turn_of_official"),
        ),
    ]
