"""Which reports tell of one problem, as it was known at an instant."""

from django.db import migrations, models

from casework.migrations._board import DROP_PROBLEMS, PROBLEMS


class Migration(migrations.Migration):
    dependencies = [("casework", "0016_versions")]

    operations = [
        migrations.AddIndex(
            model_name="turn",
            index=models.Index(
                fields=["began_at"],
                include=["case"],
                condition=models.Q(number__gt=0),
                name="turn_later",
            ),
        ),
        migrations.RunSQL(PROBLEMS, DROP_PROBLEMS),
    ]
