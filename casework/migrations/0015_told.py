"""Evidence of notices that tell of disputes, and who wants to hear no more of a report."""

import django.db.models.deletion
from django.db import migrations, models

from casework.migrations._told import DROP_TOLD_TURNS, TOLD_TURNS


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0014_disputed"),
    ]

    operations = [
        migrations.AddField(
            model_name="evidence",
            name="notice",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="casework.notice"
            ),
        ),
        migrations.AddField(
            model_name="follower",
            name="stopped_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="notice",
            name="turns",
            field=models.ManyToManyField(to="casework.turn"),
        ),
        migrations.AlterField(
            model_name="evidence",
            name="escalation",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to="casework.escalation"
            ),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.UniqueConstraint(
                condition=models.Q(("escalation", None)),
                fields=("notice", "kind", "channel", "note"),
                name="evidence_of_notice_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="evidence",
            constraint=models.CheckConstraint(
                condition=models.Q(("escalation", None), ("notice", None), _connector="XOR"),
                name="evidence_of_one",
            ),
        ),
        migrations.RunSQL(TOLD_TURNS, DROP_TOLD_TURNS),
    ]
