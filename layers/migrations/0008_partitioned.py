"""Traffic in a partition for each month of its reports.

Existing rows stay where they are: their table becomes the partition of all that was reported until the end of
the coming month (or of the newest row's month, if that is later), and no row is moved or read under a lock. Only
then, for some milliseconds, each table is held. A ``migrate`` that is broken off here goes on where it was.
Workers of the last release cannot store traffic from then on: what they fetch is kept, and the new ones take it up.
"""

from django.db import migrations, models

from layers.migrations._partitions import DROP_SPLIT, FUNCTIONS, SPLIT, TABLES

IDENTITY = ("feed", "external_id", "digest")


def _identity(model):
    """Say what the constraint is from here on; the procedure has made it."""
    name = f"{model}_identity"
    return [
        migrations.RemoveConstraint(model_name=model, name=name),
        migrations.AddConstraint(
            model_name=model,
            constraint=models.UniqueConstraint(fields=(*IDENTITY, "reported_at"), name=name),
        ),
    ]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("layers", "0007_partition_keys")]

    operations = [
        migrations.RunSQL(SPLIT),
        *(
            migrations.RunSQL(f"CALL layers_split_in_use('{table}', '{table.removeprefix('layers_')}')")
            for table in TABLES
        ),
        migrations.RunSQL(DROP_SPLIT),
        migrations.RunSQL(FUNCTIONS),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                operation for table in TABLES for operation in _identity(table.removeprefix("layers_"))
            ]
        ),
    ]
