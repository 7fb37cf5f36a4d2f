"""Who let the clock run on sooner."""

from django.db import migrations, models

from casework.migrations._turns import RESUMED


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0006_permissions"),
    ]

    operations = [
        migrations.AddField(
            model_name="pause",
            name="resumed_by",
            field=models.TextField(blank=True, db_default=""),
        ),
        migrations.RunSQL(RESUMED, migrations.RunSQL.noop),
    ]
