"""Say of each run whether it read the simulated city; of former ones by what they kept."""

from django.db import migrations, models

TELL = """
UPDATE ingest_run AS run
SET simulated = true
WHERE EXISTS (SELECT FROM ingest_payload AS payload WHERE payload.feed = run.feed AND payload.simulated)
"""


class Migration(migrations.Migration):
    dependencies = [("ingest", "0001_initial")]

    operations = [
        migrations.AddField("run", "simulated", models.BooleanField(default=False)),
        migrations.RunSQL(TELL, migrations.RunSQL.noop),
    ]
