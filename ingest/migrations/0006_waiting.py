"""What waits to be used stands beside the payloads, which are written once."""

import django.db.models.deletion
from django.db import migrations, models

MOVE = """
INSERT INTO ingest_waiting (payload_id)
SELECT payload.id FROM ingest_payload AS payload WHERE payload.used_at IS NULL
"""
MOVE_BACK = """
UPDATE ingest_payload AS payload SET used_at = payload.fetched_at
WHERE NOT EXISTS (SELECT FROM ingest_waiting AS waiting WHERE waiting.payload_id = payload.id)
"""


class Migration(migrations.Migration):
    dependencies = [("ingest", "0005_expired")]

    operations = [
        migrations.CreateModel(
            "Waiting",
            [
                (
                    "payload",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        serialize=False,
                        to="ingest.payload",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(MOVE, MOVE_BACK),
        migrations.RemoveIndex("payload", "payload_waiting"),
        migrations.RemoveField("payload", "used_at"),
    ]
