"""Rules, turns, pauses, and the ladder with its evidence."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("boundaries", "0003_border_distance"),
        ("casework", "0003_workflow"),
        ("reports", "0009_public_point"),
    ]

    operations = [
        migrations.CreateModel(
            name="Escalation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("acting", models.BooleanField(db_default=False)),
                ("is_vacant", models.BooleanField(db_default=False)),
                ("due_at", models.DateTimeField()),
                ("at", models.DateTimeField()),
                (
                    "office",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="boundaries.office",
                    ),
                ),
                (
                    "official",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="boundaries.official",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("sent", "Sent"),
                            ("delivered", "Delivered"),
                            ("seen", "Seen"),
                            ("answered", "Answered"),
                            ("failed", "Failed"),
                        ]
                    ),
                ),
                ("channel", models.TextField()),
                ("at", models.DateTimeField()),
                ("note", models.TextField(blank=True)),
                (
                    "escalation",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="casework.escalation"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Rule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(unique=True)),
                ("name", models.TextField()),
                ("area_code", models.TextField(null=True)),
                (
                    "tier",
                    models.TextField(
                        choices=[("kelurahan", "Kelurahan"), ("kecamatan", "Kecamatan"), ("kota", "Kota")],
                        null=True,
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("source", models.TextField()),
                (
                    "category",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="reports.category",
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="boundaries.office",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Rung",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                (
                    "tier",
                    models.TextField(
                        choices=[("kelurahan", "Kelurahan"), ("kecamatan", "Kecamatan"), ("kota", "Kota")],
                        null=True,
                    ),
                ),
                ("source", models.TextField()),
                (
                    "category",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="reports.category",
                    ),
                ),
                (
                    "norm",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="casework.norm",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Turn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("hop", models.PositiveSmallIntegerField(db_default=0)),
                ("acting", models.BooleanField(db_default=False)),
                ("explanation", models.JSONField()),
                ("offered_at", models.DateTimeField()),
                ("began_at", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField(null=True)),
                ("due_is_sure", models.BooleanField(db_default=True)),
                ("passed_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ended_by",
                    models.TextField(
                        choices=[
                            ("resolved", "Resolved"),
                            ("passed_on", "Passed on, and the next one accepted"),
                            ("rerouted", "The unit gave it to another office"),
                            ("closed", "Closed with a reason"),
                        ],
                        null=True,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="casework.case"
                    ),
                ),
                (
                    "office",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="boundaries.office"
                    ),
                ),
                (
                    "official",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to="boundaries.official"
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="casework.rule",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="escalation",
            name="turn",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, to="casework.turn"
            ),
        ),
        migrations.CreateModel(
            name="Pause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("reason", models.TextField()),
                ("by", models.TextField()),
                ("case", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="casework.case")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("since"))), name="pause_is_some_time"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="pause_has_a_reason"
                    ),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.CheckConstraint(
                condition=models.Q(("tier__isnull", True), ("office__isnull", True), _connector="XOR"),
                name="rule_names_a_tier_or_an_office",
            ),
        ),
        migrations.AddConstraint(
            model_name="rung",
            constraint=models.UniqueConstraint(
                fields=("category", "number"), name="rung_identity", nulls_distinct=False
            ),
        ),
        migrations.AddIndex(
            model_name="turn",
            index=models.Index(
                condition=models.Q(("answered_at", None), ("ended_at", None)),
                fields=["due_at"],
                name="turn_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="turn",
            constraint=models.UniqueConstraint(fields=("case", "number"), name="turn_identity"),
        ),
        migrations.AddConstraint(
            model_name="escalation",
            constraint=models.UniqueConstraint(fields=("turn", "number"), name="escalation_identity"),
        ),
    ]
