"""Which years have a decided list of days off is said, and no longer taken from a single day of theirs.

Years of which days are known stay known, as they were taken to be; those that come with the project are loaded with
the decree that decided them.
"""

from django.db import migrations, models

FILL = """
INSERT INTO casework_decidedyear (year, source)
SELECT DISTINCT extract(year FROM holiday."on")::smallint, 'its days were loaded before years were decided'
FROM casework_holiday AS holiday;
"""


class Migration(migrations.Migration):
    dependencies = [("casework", "0052_named")]

    operations = [
        migrations.CreateModel(
            name="DecidedYear",
            fields=[
                ("year", models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ("source", models.TextField()),
            ],
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
