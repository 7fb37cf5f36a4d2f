"""Points of sensitive categories as the public sees them."""

import django.contrib.gis.db.models.fields
from django.db import migrations, models

from reports.migrations._veils import CREATE, DROP


class Migration(migrations.Migration):
    dependencies = [
        ("layers", "0003_followed"),
        ("reports", "0008_truncated"),
    ]

    operations = [
        migrations.AddField(
            model_name="category", name="public_digits", field=models.SmallIntegerField(null=True)
        ),
        migrations.AddField(
            model_name="report",
            name="public_point",
            field=django.contrib.gis.db.models.fields.PointField(null=True, spatial_index=False, srid=4326),
        ),
        migrations.AlterField(
            model_name="report",
            name="point",
            field=django.contrib.gis.db.models.fields.PointField(null=True, spatial_index=False, srid=4326),
        ),
        migrations.RunSQL(CREATE, DROP),
    ]
