"""Notices that are withdrawn before they are sent, and who is told in the place of whom a rung names.

Those that wait are looked at like all others before their next attempt; nothing that was sent changes.
"""

import django.db.models.deletion
from django.db import migrations, models

from casework.migrations._withdrawn import DROP_SUCCESSIONS, SUCCESSIONS


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0003_audit"),
        ("boundaries", "0005_errands"),
        ("casework", "0038_rungs_answered"),
    ]

    operations = [
        migrations.CreateModel(
            name="Succession",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("acting", models.BooleanField()),
                ("at", models.DateTimeField()),
                (
                    "escalation",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="casework.escalation"),
                ),
                (
                    "official",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="boundaries.official",
                    ),
                ),
            ],
        ),
        migrations.RemoveConstraint(model_name="evidence", name="evidence_once"),
        migrations.RemoveIndex(model_name="notice", name="notice_waiting"),
        migrations.AddField(
            model_name="notice",
            name="withdrawn_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="evidence",
            name="kind",
            field=models.TextField(
                choices=[
                    ("sent", "Sent"),
                    ("delivered", "Delivered"),
                    ("seen", "Seen"),
                    ("answered", "Answered"),
                    ("failed", "Failed"),
                    ("withdrawn", "Withdrawn before it was sent"),
                ]
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("dead_at", None), ("sent_at", None), ("withdrawn_at", None)),
                fields=["channel", "next_at"],
                name="notice_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind__in", ["failed", "withdrawn"]), _negated=True),
                fields=("escalation", "kind", "channel"),
                name="evidence_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(("sent_at", None), ("withdrawn_at", None), _connector="OR"),
                name="notice_sent_or_withdrawn",
            ),
        ),
        migrations.RunSQL(SUCCESSIONS, DROP_SUCCESSIONS),
    ]
