"""A lead that was closed as a duplicate tells of its cluster's problem, once."""

from django.db import migrations

from casework.migrations._leading import PROBLEMS, PROBLEMS_FORMER


class Migration(migrations.Migration):
    dependencies = [("casework", "0057_leads_that_stay")]

    operations = [migrations.RunSQL(PROBLEMS, PROBLEMS_FORMER)]
