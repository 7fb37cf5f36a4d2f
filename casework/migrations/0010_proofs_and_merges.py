"""Proofs, doubts and verdicts; merges that can be undone; and what the database refuses of both."""

import django.db.models.deletion
from django.db import migrations, models

from casework.migrations._proofs import (
    APPENDED,
    CLUSTERS,
    DROP_APPENDED,
    DROP_CLUSTERS,
    DROP_RESTORED,
    DROP_VERDICTS,
    RESTORED,
    VERDICTS,
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0009_notices"),
        ("reports", "0013_answer_photos"),
    ]

    operations = [
        migrations.CreateModel(
            name="Merge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("by", models.TextField()),
                ("at", models.DateTimeField()),
                ("words", models.TextField()),
                ("into", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="casework.case")),
            ],
        ),
        migrations.CreateModel(
            name="DoubtKind",
            fields=[
                ("code", models.TextField(primary_key=True, serialize=False)),
                ("most", models.FloatField()),
                (
                    "unit",
                    models.TextField(choices=[("bits", "Bits of 64"), ("m", "Metres"), ("s", "Seconds")]),
                ),
                ("name_id", models.TextField()),
                ("name_en", models.TextField()),
                ("source", models.TextField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("unit", "bits"), _negated=True), ("most__lte", 6), _connector="OR"
                        ),
                        name="doubt_kind_is_found_by_pieces",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField()),
                ("score", models.FloatField(null=True)),
                ("parts", models.JSONField(null=True)),
                ("case", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="casework.case")),
                (
                    "state",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="casework.state"
                    ),
                ),
                (
                    "merge",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="casework.merge"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Proof",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "change",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="casework.change"
                    ),
                ),
                ("photo", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="reports.photo")),
            ],
        ),
        migrations.CreateModel(
            name="Doubt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("amount", models.FloatField()),
                ("most", models.FloatField()),
                (
                    "earlier",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="reports.photo",
                    ),
                ),
                (
                    "kind",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="casework.doubtkind"
                    ),
                ),
                (
                    "proof",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="casework.proof"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Verdict",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("is_confirmed", models.BooleanField()),
                ("by", models.TextField()),
                ("at", models.DateTimeField()),
                ("why", models.TextField()),
                (
                    "change",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="casework.change"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Follower",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("channel", models.TextField()),
                ("external_id", models.TextField()),
                ("since", models.DateTimeField()),
                (
                    "report",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, to="reports.report"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("report", "channel", "external_id"), name="follower_identity"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Unmerge",
            fields=[
                (
                    "merge",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="casework.merge",
                    ),
                ),
                ("by", models.TextField()),
                ("at", models.DateTimeField()),
                ("words", models.TextField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("words", ""), _negated=True), name="unmerge_has_words"
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.CheckConstraint(
                condition=models.Q(("words", ""), _negated=True), name="merge_has_words"
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.UniqueConstraint(fields=("merge", "case"), name="member_identity"),
        ),
        migrations.AddConstraint(
            model_name="proof",
            constraint=models.UniqueConstraint(fields=("change", "photo"), name="proof_identity"),
        ),
        migrations.AddConstraint(
            model_name="doubt",
            constraint=models.UniqueConstraint(fields=("proof", "kind"), name="doubt_identity"),
        ),
        migrations.AddConstraint(
            model_name="verdict",
            constraint=models.CheckConstraint(
                condition=models.Q(("why", ""), _negated=True), name="verdict_has_a_reason"
            ),
        ),
        migrations.RunSQL(APPENDED, DROP_APPENDED),
        migrations.RunSQL(VERDICTS, DROP_VERDICTS),
        migrations.RunSQL(CLUSTERS, DROP_CLUSTERS),
        migrations.RunSQL(RESTORED, DROP_RESTORED),
    ]
