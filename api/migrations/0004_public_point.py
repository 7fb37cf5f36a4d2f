"""The public sees sensitive reports where their rounded points are."""

from django.db import migrations

from api.migrations._public_point import CREATE, DROP


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0003_updates"),
        ("reports", "0009_public_point"),
    ]

    operations = [migrations.RunSQL(CREATE, DROP)]
