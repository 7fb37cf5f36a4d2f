"""Reports that bear the revision of their last change."""

from django.db import migrations, models

from reports.migrations._functions import STAMPED, UNSTAMPED


class Migration(migrations.Migration):
    dependencies = [
        ("layers", "0003_followed"),
        ("reports", "0005_lean_rows"),
    ]

    operations = [
        migrations.AddField(model_name="report", name="revision", field=models.BigIntegerField(db_default=0)),
        migrations.AddIndex(
            model_name="report", index=models.Index(fields=["revision"], name="report_revision")
        ),
        migrations.RunSQL(STAMPED, UNSTAMPED),
    ]
