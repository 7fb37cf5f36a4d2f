"""A turn of a lead was answered, too, where the channel of a report that was merged into it says so."""

from django.db import migrations

from casework.migrations._leading import CHECK, CHECK_FORMER


class Migration(migrations.Migration):
    dependencies = [("casework", "0058_leads_counted_once")]

    operations = [migrations.RunSQL(CHECK, CHECK_FORMER)]
