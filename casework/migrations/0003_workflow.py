"""Cases, the steps that they take, and when an answer is due."""

import django.db.models.deletion
from django.db import migrations, models

from casework.migrations._functions import DROP_WORKFLOW, WORKFLOW


class Migration(migrations.Migration):
    dependencies = [
        ("boundaries", "0003_border_distance"),
        ("casework", "0002_surest_first"),
        ("reports", "0007_placement"),
    ]

    operations = [
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "report",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="reports.report",
                    ),
                ),
                ("since", models.DateTimeField()),
            ],
            options={
                "permissions": [
                    ("triage", "May select cases, propose, and close what is no case"),
                    ("decide", "May choose an alternative and assign it"),
                    ("answer", "May answer and resolve the cases of an office"),
                    ("dispute", "May dispute that a case is resolved"),
                    ("supervise", "May undo what others closed or disputed"),
                    ("follow", "May take over what a channel says: the platform itself"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Holiday",
            fields=[
                ("on", models.DateField(primary_key=True, serialize=False)),
                ("name", models.TextField()),
                (
                    "kind",
                    models.TextField(
                        choices=[("holiday", "Holiday"), ("collective_leave", "Collective leave")]
                    ),
                ),
                ("source", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="State",
            fields=[
                ("code", models.TextField(primary_key=True, serialize=False)),
                ("family", models.TextField()),
                ("jakarta", models.TextField()),
                ("open311", models.TextField(choices=[("open", "Open"), ("closed", "Closed")])),
                ("colour", models.TextField()),
                ("shape", models.TextField()),
                ("name_id", models.TextField()),
                ("name_en", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="Alternative",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("what", models.TextField()),
                ("cost_idr", models.BigIntegerField(null=True)),
                ("days", models.PositiveSmallIntegerField(null=True)),
                ("evidence", models.TextField(blank=True)),
                ("consequences", models.TextField(blank=True)),
                ("is_suggested", models.BooleanField(default=False)),
                ("by", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "who",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="boundaries.office",
                    ),
                ),
                ("case", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="casework.case")),
            ],
        ),
        migrations.CreateModel(
            name="Choice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("by", models.TextField()),
                ("at", models.DateTimeField()),
                ("why", models.TextField()),
                (
                    "alternative",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="casework.alternative"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Norm",
            fields=[
                ("code", models.TextField(primary_key=True, serialize=False)),
                ("name_id", models.TextField()),
                ("name_en", models.TextField()),
                ("amount", models.PositiveSmallIntegerField()),
                ("unit", models.TextField(choices=[("hours", "Hours"), ("working_days", "Working days")])),
                ("source", models.TextField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="norm_is_some_time")
                ],
            },
        ),
        migrations.AddField(
            model_name="case",
            name="state",
            field=models.ForeignKey(
                db_default="collected",
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                to="casework.state",
            ),
        ),
        migrations.CreateModel(
            name="Transition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("permission", models.TextField()),
                ("needs_text", models.BooleanField()),
                (
                    "from_state",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="casework.state",
                    ),
                ),
                (
                    "to_state",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="casework.state",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Deadline",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("purpose", models.TextField(choices=[("answer", "Answer"), ("solution", "Solution")])),
                (
                    "tier",
                    models.TextField(
                        choices=[("kelurahan", "Kelurahan"), ("kecamatan", "Kecamatan"), ("kota", "Kota")],
                        null=True,
                    ),
                ),
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
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="casework.norm"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("purpose", "category", "tier"), name="deadline_identity", nulls_distinct=False
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("permission", models.TextField()),
                ("by", models.TextField()),
                ("at", models.DateTimeField()),
                ("text", models.TextField(blank=True)),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="casework.case"
                    ),
                ),
                (
                    "from_state",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="casework.state",
                    ),
                ),
                (
                    "to_state",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="casework.state",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["case", "id"], name="change_of_case")],
            },
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["state", "report"], name="case_by_state"),
        ),
        migrations.AddConstraint(
            model_name="transition",
            constraint=models.UniqueConstraint(
                fields=("from_state", "to_state", "permission"), name="transition_identity"
            ),
        ),
        migrations.RunSQL(WORKFLOW, DROP_WORKFLOW),
    ]
