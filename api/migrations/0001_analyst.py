"""The views that the open API, exports and analysts read."""

from django.db import migrations

from api.migrations._views import CREATE, DROP


class Migration(migrations.Migration):
    dependencies = [
        ("boundaries", "0002_lean_place_index"),
        ("layers", "0003_followed"),
        ("reports", "0007_placement"),
    ]

    operations = [migrations.RunSQL(CREATE, DROP)]
