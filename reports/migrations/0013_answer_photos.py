"""Photos of answers, and finding alike ones without comparing with all."""

import django.contrib.gis.db.models.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

from reports.migrations._pieces import CREATE, DROP


class Migration(migrations.Migration):
    dependencies = [("reports", "0011_references"), ("reports", "0012_times")]

    operations = [
        migrations.RunSQL(CREATE, DROP),
        migrations.AddField(model_name="photo", name="step", field=models.BinaryField(db_default=b"")),
        migrations.AddField(model_name="photo", name="shown_at", field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="photo",
            name="point",
            field=django.contrib.gis.db.models.fields.PointField(null=True, spatial_index=False, srid=4326),
        ),
        migrations.AddField(model_name="photo", name="taken_at", field=models.DateTimeField(null=True)),
        migrations.RemoveConstraint(model_name="photo", name="photo_identity"),
        migrations.AddConstraint(
            model_name="photo",
            constraint=models.UniqueConstraint(
                fields=("channel", "external_id", "digest", "step"), name="photo_identity"
            ),
        ),
        migrations.AddIndex(
            model_name="photo",
            index=django.contrib.postgres.indexes.GinIndex(
                models.Func(models.F("looks"), function="reports_pieces"),
                fastupdate=False,
                name="photo_pieces",
            ),
        ),
    ]
