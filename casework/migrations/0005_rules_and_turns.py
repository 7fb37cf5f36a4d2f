"""Rules that may name what is not there, faults, reasons of pauses, and what the database refuses of turns."""

import django.db.models.deletion
from django.db import migrations, models

from casework.migrations._turns import DROP_PAUSES, DROP_RULES, DROP_TURNS, PAUSES, RULES, TURNS


class Migration(migrations.Migration):
    dependencies = [
        ("boundaries", "0004_offices_of_the_province"),
        ("casework", "0004_turns"),
        ("reports", "0009_public_point"),
    ]

    operations = [
        migrations.CreateModel(
            name="Fault",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.TextField()),
                ("about", models.TextField()),
                ("words", models.TextField()),
                ("found_at", models.DateTimeField()),
                ("mended_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="PauseReason",
            fields=[
                ("code", models.TextField(primary_key=True, serialize=False)),
                ("name_id", models.TextField()),
                ("name_en", models.TextField()),
                ("most_days", models.PositiveSmallIntegerField()),
                ("source", models.TextField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="rule",
            name="rule_names_a_tier_or_an_office",
        ),
        migrations.AlterField(
            model_name="rule",
            name="category",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                to="reports.category",
            ),
        ),
        migrations.AlterField(
            model_name="rule",
            name="office",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                to="boundaries.office",
            ),
        ),
        migrations.AlterField(
            model_name="turn",
            name="ended_by",
            field=models.TextField(
                choices=[
                    ("resolved", "Resolved"),
                    ("disputed", "The citizen disputed the answer: the next turn is the same office's"),
                    ("passed_on", "Passed on, and the next one accepted"),
                    ("not_taken", "Offered, and not accepted: declined, or somebody else has the case now"),
                    ("rerouted", "The unit gave it to another office, or the report lies elsewhere"),
                    ("closed", "Closed with a reason"),
                ],
                null=True,
            ),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.CheckConstraint(
                condition=models.Q(("tier__isnull", True), ("office__isnull", True), _connector="OR"),
                name="rule_names_one_office_at_most",
            ),
        ),
        migrations.AddConstraint(
            model_name="turn",
            constraint=models.UniqueConstraint(
                condition=models.Q(("began_at__isnull", False), ("ended_at", None)),
                fields=("case",),
                name="turn_running",
            ),
        ),
        migrations.AddConstraint(
            model_name="turn",
            constraint=models.UniqueConstraint(
                condition=models.Q(("began_at", None), ("ended_at", None)),
                fields=("case",),
                name="turn_offered",
            ),
        ),
        migrations.AddConstraint(
            model_name="turn",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                    models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                    _connector="OR",
                ),
                name="turn_ends_by_something",
            ),
        ),
        migrations.AddConstraint(
            model_name="turn",
            constraint=models.CheckConstraint(
                condition=models.Q(("answered_at", None), ("began_at__isnull", False), _connector="OR"),
                name="turn_begins_before_its_answer",
            ),
        ),
        migrations.AddConstraint(
            model_name="fault",
            constraint=models.UniqueConstraint(
                condition=models.Q(("mended_at", None)), fields=("kind", "about"), name="fault_identity"
            ),
        ),
        migrations.RunSQL(RULES, DROP_RULES),
        migrations.RunSQL(TURNS, DROP_TURNS),
        migrations.RunSQL(PAUSES, DROP_PAUSES),
    ]
