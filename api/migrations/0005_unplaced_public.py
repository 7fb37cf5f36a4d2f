"""Reports without a point by id, in the words in which the view now says that they have none."""

from django.db import migrations

from api.migrations._unplaced import CREATE_PUBLIC, DROP_PUBLIC


class Migration(migrations.Migration):
    dependencies = [("api", "0004_public_point")]

    operations = [migrations.RunSQL(CREATE_PUBLIC, DROP_PUBLIC)]
