"""Indexes of traffic as partitions need them: unique with the time of the report, and by place of what is open alone.

The indexes by place were made of all rows, whatever their model said: Django's PostGIS forgets the condition.
All are made while people read and write; on a large table each takes as long as it takes, and a ``migrate`` that
is broken off begins this one again.
"""

from django.contrib.postgres.indexes import GistIndex
from django.db import migrations, models

from layers.migrations._partitions import UNIQUE

SHAPES = {"jam": "line", "irregularity": "line", "poi": "point"}


def _narrowed(model, column):
    """Put an index of what is open in the place of the one of all."""
    name = f"{model}_open_{column}"
    return [
        f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {model}_open_now ON layers_{model}"
        f" USING gist ({column}) WHERE closed_at IS NULL",
        f"DROP INDEX CONCURRENTLY IF EXISTS {name}",
        f"ALTER INDEX {model}_open_now RENAME TO {name}",
    ]


def _state(model, column):
    name = f"{model}_open_{column}"
    made = GistIndex(models.F(column), name=name, condition=models.Q(closed_at=None))
    return [migrations.RemoveIndex(model, name), migrations.AddIndex(model, made)]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("layers", "0006_silences")]

    operations = [
        *(
            migrations.RunSQL(
                f"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {columns}",
                f"DROP INDEX CONCURRENTLY IF EXISTS {name}",
            )
            for name, columns in UNIQUE.items()
        ),
        *(
            migrations.RunSQL(statement, migrations.RunSQL.noop)
            for shape in SHAPES.items()
            for statement in _narrowed(*shape)
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[operation for shape in SHAPES.items() for operation in _state(*shape)]
        ),
    ]
