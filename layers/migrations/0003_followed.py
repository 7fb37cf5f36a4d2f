"""Layers that are followed: an epoch for each, and a stamp for each row that changes."""

from django.db import migrations, models
from django.db.models import Func

from layers.migrations._functions import DROP_STAMP, STAMP


class Migration(migrations.Migration):
    dependencies = [("layers", "0002_feed_state")]

    operations = [
        migrations.AddField(
            model_name="revision",
            name="epoch",
            field=models.UUIDField(db_default=Func(function="gen_random_uuid")),
        ),
        migrations.CreateModel(
            name="Removed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("layer", models.TextField()),
                ("row_id", models.BigIntegerField()),
                ("revision", models.BigIntegerField()),
            ],
            options={"indexes": [models.Index(fields=["layer", "revision"], name="removed_revision")]},
        ),
        migrations.RunSQL(STAMP, DROP_STAMP),
    ]
