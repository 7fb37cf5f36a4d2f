"""What is said of a report that was merged is said of the case that led it then, and not of one that came later."""

from django.db import migrations

from casework.migrations._spoken import CHECK, FORMER, NO_SPEAKS, SPEAKS


class Migration(migrations.Migration):
    dependencies = [("casework", "0067_evidence_failed")]

    operations = [migrations.RunSQL(SPEAKS, NO_SPEAKS), migrations.RunSQL(CHECK, FORMER)]
