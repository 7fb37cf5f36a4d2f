"""Whose turn an escalation is of, and when that began: for the board."""

import django.db.models.deletion
from django.db import migrations, models

from casework.migrations._board import FILL_RUNGS, RUNGS, RUNGS_BEFORE


class Migration(migrations.Migration):
    dependencies = [
        ("boundaries", "0004_offices_of_the_province"),
        ("casework", "0019_answer_templates"),
    ]

    operations = [
        migrations.AddField(
            model_name="escalation",
            name="turn_began_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="escalation",
            name="turn_office",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="boundaries.office",
            ),
        ),
        migrations.AddField(
            model_name="escalation",
            name="turn_official",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="boundaries.official",
            ),
        ),
        migrations.RunSQL(RUNGS, RUNGS_BEFORE),
        migrations.RunSQL(FILL_RUNGS, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="escalation",
            name="turn_began_at",
            field=models.DateTimeField(),
        ),
        migrations.AlterField(
            model_name="escalation",
            name="turn_office",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="boundaries.office",
            ),
        ),
        migrations.AddIndex(
            model_name="escalation",
            index=models.Index(
                fields=["turn_began_at"],
                include=["number", "at", "turn_office", "turn_official"],
                name="escalation_board",
            ),
        ),
    ]
