"""Words, areas and pictures of reports; updates without a status; what stands in for a report."""

import django.contrib.gis.db.models.fields
from django.db import migrations, models

from reports.migrations._functions import DROP_VERSION, MASKABLE, UNMASKABLE, VERSION


class Migration(migrations.Migration):
    dependencies = [
        ("boundaries", "0001_initial"),
        ("reports", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Photo",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("channel", models.TextField()),
                ("external_id", models.TextField()),
                ("digest", models.BinaryField()),
                ("media_type", models.TextField()),
                ("looks", models.BigIntegerField()),
            ],
        ),
        migrations.RemoveIndex(
            model_name="report",
            name="report_open",
        ),
        migrations.AddField(
            model_name="report",
            name="area",
            field=django.contrib.gis.db.models.fields.PolygonField(null=True, spatial_index=False, srid=4326),
        ),
        migrations.AddField(
            model_name="report",
            name="hint",
            field=models.TextField(blank=True, db_default=""),
        ),
        migrations.AddField(
            model_name="report",
            name="stands_in",
            field=models.BooleanField(db_default=False),
        ),
        migrations.AlterField(
            model_name="report",
            name="status",
            field=models.TextField(
                choices=[
                    ("waiting", "Waiting"),
                    ("in_progress", "In Progress"),
                    ("done", "Done"),
                    ("withdrawn", "Withdrawn"),
                ],
                default="waiting",
            ),
        ),
        migrations.AlterField(
            model_name="sourceupdate",
            name="status",
            field=models.TextField(
                choices=[
                    ("waiting", "Waiting"),
                    ("in_progress", "In Progress"),
                    ("done", "Done"),
                    ("withdrawn", "Withdrawn"),
                ],
                null=True,
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("status__in", ["done", "withdrawn"]), _negated=True),
                fields=["channel", "asked_at"],
                name="report_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="photo",
            constraint=models.UniqueConstraint(
                fields=("channel", "external_id", "digest"), name="photo_identity"
            ),
        ),
        migrations.AddField(
            model_name="sourceupdate",
            name="public_by",
            field=models.TextField(blank=True, db_default=""),
        ),
        migrations.RunSQL(VERSION, DROP_VERSION),
        migrations.RunSQL(MASKABLE, UNMASKABLE),
    ]
