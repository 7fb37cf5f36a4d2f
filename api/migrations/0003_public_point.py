"""The public sees sensitive reports where their rounded points are."""

from django.db import migrations

from api.migrations._public_point import CREATE, DROP


class Migration(migrations.Migration):
    dependencies = [
        ("api", "0002_unplaced"),
        ("reports", "0008_public_point"),
    ]

    operations = [migrations.RunSQL(CREATE, DROP)]
