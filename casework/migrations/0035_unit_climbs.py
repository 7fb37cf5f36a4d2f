"""The unit's own turns climb too: an escalation of one names no office as its turn's."""

import django.db.models.deletion
from django.db import migrations, models

from casework.migrations._board import RUNGS
from casework.migrations._missed import CLIMBS


class Migration(migrations.Migration):
    dependencies = [
        ("boundaries", "0004_offices_of_the_province"),
        ("casework", "0034_said"),
    ]

    operations = [
        migrations.AlterField(
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
        migrations.RunSQL(CLIMBS, RUNGS),
    ]
