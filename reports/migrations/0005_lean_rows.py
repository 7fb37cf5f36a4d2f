"""Reports and assignments without what their derived columns do not need, and a mark of how each was read."""

import django.db.models.deletion
from django.db import migrations, models

from reports.migrations._functions import DROP_TIER, TIER


class Migration(migrations.Migration):
    dependencies = [
        ("boundaries", "0002_lean_place_index"),
        ("reports", "0004_suggestions"),
    ]

    operations = [
        migrations.RunSQL(TIER, DROP_TIER),
        migrations.AddField(
            model_name="report",
            name="reading",
            field=models.BinaryField(db_default=b""),
        ),
        migrations.AlterField(
            model_name="assignment",
            name="edition",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="boundaries.edition",
            ),
        ),
        migrations.AlterField(
            model_name="assignment",
            name="office",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="boundaries.office"
            ),
        ),
        migrations.AlterField(
            model_name="assignment",
            name="official",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="boundaries.official",
            ),
        ),
        migrations.AlterField(
            model_name="report",
            name="category",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, to="reports.category"
            ),
        ),
        migrations.AlterField(
            model_name="report",
            name="edition",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                to="boundaries.edition",
            ),
        ),
        migrations.AlterField(
            model_name="report",
            name="office",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                to="boundaries.office",
            ),
        ),
        migrations.AlterField(
            model_name="report",
            name="official",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                to="boundaries.official",
            ),
        ),
    ]
