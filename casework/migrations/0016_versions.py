"""Rules and deadlines end and are never edited; a deadline may be of one office, and has a source."""

import django.db.models.deletion
from django.db import migrations, models

from casework.migrations import _versions


class Migration(migrations.Migration):
    dependencies = [
        ("boundaries", "0004_offices_of_the_province"),
        ("casework", "0015_told"),
        ("reports", "0015_work_lists"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="deadline",
            name="deadline_identity",
        ),
        migrations.AddField(
            model_name="deadline",
            name="began_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="deadline",
            name="ended_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="deadline",
            name="office",
            field=models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="boundaries.office"
            ),
        ),
        migrations.AddField(
            model_name="deadline",
            name="source",
            field=models.TextField(default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="rule",
            name="began_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="rule",
            name="ended_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="rule",
            name="number",
            field=models.PositiveIntegerField(),
        ),
        migrations.RunSQL(_versions.SOURCES, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="deadline",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("purpose", "category", "tier", "office"),
                name="deadline_identity",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="deadline",
            constraint=models.CheckConstraint(
                condition=models.Q(("tier", None), ("office", None), _connector="OR"),
                name="deadline_of_tier_or_office",
            ),
        ),
        migrations.AddConstraint(
            model_name="deadline",
            constraint=models.CheckConstraint(
                condition=models.Q(("source", ""), _negated=True), name="deadline_has_a_source"
            ),
        ),
        migrations.AddConstraint(
            model_name="rule",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("number",), name="rule_identity"
            ),
        ),
        migrations.RunSQL(_versions.RULES, _versions.FORMER_RULES),
        migrations.RunSQL(_versions.GUARDS, _versions.DROP_GUARDS),
    ]
