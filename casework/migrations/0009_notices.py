"""Contacts and notices, and what of the ladder the database refuses."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from casework.migrations._notices import DROP_GUARD, GUARD


class Migration(migrations.Migration):
    dependencies = [
        ("boundaries", "0003_border_distance"),
        ("casework", "0008_board"),
    ]

    operations = [
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("channel", models.TextField()),
                ("address", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.UUIDField(default=uuid.uuid4, unique=True)),
                ("channel", models.TextField()),
                ("address", models.TextField()),
                ("subject", models.TextField()),
                ("text", models.TextField()),
                ("created_at", models.DateTimeField()),
                ("attempts", models.IntegerField(default=0)),
                ("next_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("dead_at", models.DateTimeField(null=True)),
                ("error", models.TextField(blank=True)),
            ],
        ),
        migrations.AddField(
            model_name="escalation",
            name="tier",
            field=models.TextField(
                choices=[("kelurahan", "Kelurahan"), ("kecamatan", "Kecamatan"), ("kota", "Kota")], null=True
            ),
        ),
        migrations.AlterField(
            model_name="evidence",
            name="channel",
            field=models.TextField(blank=True),
        ),
        migrations.AddConstraint(
            model_name="escalation",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_at__lte", models.F("at"))), name="escalation_not_early"
            ),
        ),
        migrations.AddConstraint(
            model_name="escalation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("is_vacant", True), ("official", None)),
                    models.Q(("is_vacant", False), ("official__isnull", False)),
                    models.Q(("is_vacant", False), ("tier", None)),
                    _connector="OR",
                ),
                name="escalation_vacant_or_held",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "failed"), _negated=True),
                fields=("escalation", "kind", "channel"),
                name="evidence_once",
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="office",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, to="boundaries.office"
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="official",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                to="boundaries.official",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="escalations",
            field=models.ManyToManyField(to="casework.escalation"),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.UniqueConstraint(
                fields=("office", "official", "channel"), name="contact_identity", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(("office", None), ("official", None), _connector="OR"),
                name="contact_of_one",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("dead_at", None), ("sent_at", None)),
                fields=["channel", "next_at"],
                name="notice_waiting",
            ),
        ),
        migrations.RunSQL(GUARD, DROP_GUARD),
    ]
