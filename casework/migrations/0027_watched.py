"""Mails to who follows by e-mail can be forgotten; all other notices stay."""

from django.db import migrations

from casework.migrations._watched import FORGETTABLE, UNFORGETTABLE


class Migration(migrations.Migration):
    dependencies = [("casework", "0026_saved_views"), ("subscriptions", "0003_watches")]

    operations = [migrations.RunSQL(FORGETTABLE, UNFORGETTABLE)]
