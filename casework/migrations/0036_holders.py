"""Who answers for a turn is who held the office on the day on which it was answered, fell due or ended.

Turns of old, too, for the board has one rule: each is given to whom the terms say held the office that day, and the
rungs that it reached with it. Until now it was whoever held it on the day on which the turn began.
"""

from django.db import migrations, models

from casework.migrations._holders import (
    ANSWERABLE,
    FILL,
    FORMER,
    GUARD,
    GUARD_BEFORE,
    JUDGED,
    NOT_ANSWERABLE,
)


class Migration(migrations.Migration):
    dependencies = [
        ("boundaries", "0005_errands"),
        ("casework", "0035_unit_climbs"),
    ]

    operations = [
        migrations.RunSQL(GUARD, GUARD_BEFORE),
        migrations.RunSQL(ANSWERABLE, NOT_ANSWERABLE),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(JUDGED, FORMER),
        migrations.RemoveConstraint(model_name="turn", name="turn_identity"),
        migrations.AddConstraint(
            model_name="turn",
            constraint=models.UniqueConstraint(
                fields=["case", "number"],
                include=[
                    "began_at",
                    "office",
                    "official",
                    "due_at",
                    "due_is_sure",
                    "answered_at",
                    "ended_at",
                ],
                name="turn_identity",
            ),
        ),
    ]
