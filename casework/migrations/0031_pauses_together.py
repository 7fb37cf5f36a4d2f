"""The database sums the pauses of a case as the application does; those that there are stay as they are."""

from django.db import migrations

from casework.migrations._clocks import APART, TOGETHER


class Migration(migrations.Migration):
    dependencies = [("casework", "0030_links")]

    operations = [migrations.RunSQL(TOGETHER, APART)]
