"""What pages of features need: reports without a point by id, and texts that change are changes of the layer."""

from django.db import migrations

from api.migrations._unplaced import CREATE, DROP


class Migration(migrations.Migration):
    dependencies = [("api", "0001_analyst")]

    operations = [migrations.RunSQL(CREATE, DROP)]
