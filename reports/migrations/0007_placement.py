"""What people said of where reports are."""

import django.db.models.deletion
from django.db import migrations, models

from reports.migrations._functions import DROP_PLACEMENT_APPEND_ONLY, PLACEMENT_APPEND_ONLY


class Migration(migrations.Migration):
    dependencies = [
        ("boundaries", "0002_lean_place_index"),
        ("reports", "0006_stamped"),
    ]

    operations = [
        migrations.CreateModel(
            name="Placement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kelurahan_code", models.TextField()),
                ("by", models.TextField()),
                ("placed_at", models.DateTimeField()),
                (
                    "edition",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="boundaries.edition"),
                ),
                (
                    "report",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="reports.report"),
                ),
            ],
        ),
        migrations.RunSQL(PLACEMENT_APPEND_ONLY, DROP_PLACEMENT_APPEND_ONLY),
    ]
