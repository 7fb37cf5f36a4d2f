"""What turn_by_office begins with needs no index of its own: an office's turns, and its answers; rows stay."""

import django.db.models.deletion
from django.db import migrations, models

# Those of a foreign key to a text: for =, and for LIKE. The names are Django's.
DROP = [
    "DROP INDEX CONCURRENTLY IF EXISTS turn_answered;",
    "DROP INDEX CONCURRENTLY IF EXISTS casework_turn_office_id_ca927818;",
    "DROP INDEX CONCURRENTLY IF EXISTS casework_turn_office_id_ca927818_like;",
]
MAKE = [
    """CREATE INDEX CONCURRENTLY IF NOT EXISTS turn_answered
    ON casework_turn (office_id, official_id, began_at) WHERE answered_at IS NOT NULL;""",
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS casework_turn_office_id_ca927818 ON casework_turn (office_id);",
    """CREATE INDEX CONCURRENTLY IF NOT EXISTS casework_turn_office_id_ca927818_like
    ON casework_turn (office_id text_pattern_ops);""",
]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("casework", "0047_rungs_by_office")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(DROP, MAKE)],
            state_operations=[
                migrations.RemoveIndex(model_name="turn", name="turn_answered"),
                migrations.AlterField(
                    model_name="turn",
                    name="office",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="boundaries.office",
                    ),
                ),
            ],
        ),
    ]
