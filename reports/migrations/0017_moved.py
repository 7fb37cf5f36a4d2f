"""Pins that people moved, and from where to where."""

import django.contrib.gis.db.models.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("boundaries", "0004_offices_of_the_province"),
        ("reports", "0016_named_categories"),
    ]

    operations = [
        migrations.AddField(
            model_name="placement",
            name="from_point",
            field=django.contrib.gis.db.models.fields.PointField(null=True, spatial_index=False, srid=4326),
        ),
        migrations.AddField(
            model_name="placement",
            name="is_move",
            field=models.BooleanField(db_default=False),
        ),
        migrations.AddField(
            model_name="placement",
            name="point",
            field=django.contrib.gis.db.models.fields.PointField(null=True, spatial_index=False, srid=4326),
        ),
        migrations.AddField(
            model_name="report",
            name="is_moved",
            field=models.BooleanField(db_default=False),
        ),
        migrations.AlterField(
            model_name="placement",
            name="edition",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to="boundaries.edition"
            ),
        ),
        migrations.AlterField(
            model_name="placement",
            name="kelurahan_code",
            field=models.TextField(null=True),
        ),
    ]
