"""While a case was closed by a merge that was undone its clock stood still; due dates are reckoned anew each night."""

from django.db import migrations

from casework.migrations._stops import NO_STOPS, STOPS


class Migration(migrations.Migration):
    dependencies = [("casework", "0059_leads_answered")]

    operations = [migrations.RunSQL(STOPS, NO_STOPS)]
