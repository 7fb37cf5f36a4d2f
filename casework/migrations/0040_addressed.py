"""Whom a notice of disputes addresses is written down, and no longer taken to be who held the office that day.

Those that wait get whom they were taken to address; of those that were sent or withdrawn nobody asks, and they
stay as they are.
"""

import django.db.models.deletion
from django.db import migrations, models

from casework.migrations._addressed import DROP_GUARD, FILL, GUARD


class Migration(migrations.Migration):
    dependencies = [
        ("boundaries", "0005_errands"),
        ("casework", "0039_withdrawn"),
    ]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="official",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="boundaries.official",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(GUARD, DROP_GUARD),
    ]
