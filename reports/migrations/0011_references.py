"""What rows refer to is checked once for each statement, and no longer for each row."""

import django.db.models.deletion
from django.db import migrations, models

from reports.migrations._references import KNOWN, UNKNOWN


def reference(to: str, null: bool = True) -> models.ForeignKey:
    return models.ForeignKey(
        db_constraint=False, db_index=False, null=null, on_delete=django.db.models.deletion.PROTECT, to=to
    )


class Migration(migrations.Migration):
    dependencies = [
        ("boundaries", "0003_border_distance"),
        ("layers", "0004_truncated"),
        ("reports", "0010_photos_expire"),
    ]

    operations = [
        migrations.AlterField("assignment", "office", reference("boundaries.office")),
        migrations.AlterField("assignment", "official", reference("boundaries.official")),
        migrations.AlterField("assignment", "edition", reference("boundaries.edition")),
        migrations.AlterField("report", "category", reference("reports.category", null=False)),
        migrations.RunSQL(KNOWN, UNKNOWN),
    ]
