"""Hospitals, which channels take answers, and the indexes of what was near."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("layers", "0004_truncated"),
    ]

    operations = [
        migrations.AddField(
            model_name="feedstate",
            name="takes_answers",
            field=models.BooleanField(db_default=False),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=django.contrib.postgres.indexes.GistIndex(
                models.Func(
                    models.F("first_at"), models.F("last_at"), models.Value("[]"), function="tstzrange"
                ),
                models.F("point"),
                condition=models.Q(("closed_at__isnull", False)),
                name="alert_past",
            ),
        ),
        migrations.AddIndex(
            model_name="jam",
            index=django.contrib.postgres.indexes.GistIndex(
                models.Func(
                    models.F("first_at"), models.F("last_at"), models.Value("[]"), function="tstzrange"
                ),
                models.F("line"),
                condition=models.Q(("closed_at__isnull", False)),
                name="jam_past",
            ),
        ),
        migrations.AddIndex(
            model_name="poi",
            index=django.contrib.postgres.indexes.GistIndex(
                condition=models.Q(("closed_at", None)), fields=["point"], name="poi_open_point"
            ),
        ),
    ]
