"""Contacts of citizens are shown to an official of the own office alone; rows stay as they are."""

from django.db import migrations

from casework.migrations._rows import NARROWED, NOT_NARROWED


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0036_holders"),
        ("reports", "0014_personal"),
    ]

    operations = [migrations.RunSQL(NARROWED, NOT_NARROWED)]
