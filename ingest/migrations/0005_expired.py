"""Bodies that expired, and how many items a feed brings."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ingest", "0004_push")]

    operations = [
        migrations.AddField("payload", "expired_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "payload",
            django.contrib.postgres.indexes.BrinIndex(
                fields=["fetched_at"], name="payload_age", autosummarize=True
            ),
        ),
        migrations.AddField("run", "used", models.IntegerField(default=0)),
        migrations.CreateModel(
            name="Volume",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("feed", models.TextField()),
                ("hour", models.DateTimeField()),
                ("items", models.IntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("feed", "hour"), name="volume_identity")],
            },
        ),
    ]
