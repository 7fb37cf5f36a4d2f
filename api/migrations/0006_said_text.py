"""What is struck out of the words of the public, said as it is: e-mail addresses, not those of houses."""

from django.db import migrations

SAY = """
COMMENT ON COLUMN analyst.reports.text IS 'what the citizen wrote, without names, phones and e-mail addresses';
COMMENT ON COLUMN analyst.updates.note IS 'words on it, without names, phones and e-mail addresses';
"""
FORMER = SAY.replace("e-mail addresses", "addresses")


class Migration(migrations.Migration):
    dependencies = [("api", "0005_unplaced_public")]

    operations = [migrations.RunSQL(SAY, FORMER)]
