"""A succession may name nobody, where the governor's office is told though its holder left.

Rows of old name somebody each, and stay as they are.
"""

import django.db.models.deletion
from django.db import migrations, models

from casework.migrations._addressed import FORMER, SUCCEEDED


class Migration(migrations.Migration):
    dependencies = [
        ("boundaries", "0005_errands"),
        ("casework", "0042_city_day"),
    ]

    operations = [
        migrations.AlterField(
            model_name="succession",
            name="official",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="boundaries.official",
            ),
        ),
        migrations.RunSQL(SUCCEEDED, FORMER),
    ]
