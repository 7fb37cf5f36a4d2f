"""What reports were before they left a place, a kind, or the public's sight."""

import django.contrib.gis.db.models.fields
from django.db import migrations, models

from subscriptions.migrations._former import CREATE, DROP


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0009_public_point"),
        ("subscriptions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Former",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("report", models.BigIntegerField()),
                ("revision", models.BigIntegerField()),
                ("category", models.TextField()),
                ("kelurahan", models.TextField(null=True)),
                (
                    "point",
                    django.contrib.gis.db.models.fields.PointField(null=True, spatial_index=False, srid=4326),
                ),
                ("left_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["revision"], name="former_revision"),
                    models.Index(fields=["left_at"], name="former_left"),
                ],
            },
        ),
        migrations.RunSQL(CREATE, DROP),
    ]
