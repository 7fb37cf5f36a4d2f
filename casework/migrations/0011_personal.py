"""Which reports were anonymised, and when."""

import django.db.models.deletion
from django.db import migrations, models

from casework.migrations._personal import STRIKABLE, UNSTRIKABLE


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0010_proofs_and_merges"),
        ("reports", "0014_personal"),
    ]

    operations = [
        migrations.CreateModel(
            name="Anonymised",
            fields=[
                (
                    "report",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="reports.report",
                    ),
                ),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(STRIKABLE, UNSTRIKABLE),
    ]
