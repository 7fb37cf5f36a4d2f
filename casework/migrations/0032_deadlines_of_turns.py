"""Each turn keeps the deadline that held when it began.

Turns that there are get the one that held when they began, and keep the date that they have: those that were
answered or ended, for good. The next run reckons what is still waited for by that deadline; where the date that it
had, or the one that it gets, has passed, the later of the two holds. So nobody is late by a deadline that came
after.
"""

import django.db.models.deletion
from django.db import migrations, models

from casework.migrations._clocks import DATED, FILL_DEADLINES, NOT_DATED


class Migration(migrations.Migration):
    dependencies = [("casework", "0031_pauses_together")]

    operations = [
        migrations.AddField(
            model_name="turn",
            name="deadline",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="casework.deadline",
            ),
        ),
        migrations.RunSQL(DATED, NOT_DATED),
        migrations.RunSQL(FILL_DEADLINES, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="turn",
            index=models.Index(
                condition=models.Q(("began_at__isnull", False), ("due_at", None)),
                fields=["case"],
                name="turn_undated",
            ),
        ),
    ]
