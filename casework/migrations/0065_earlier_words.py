"""An answer may turn out to be earlier than it was known to be, and never later."""

from django.db import migrations

from casework.migrations._earlier import FORMER, GUARD


class Migration(migrations.Migration):
    dependencies = [("casework", "0064_voices")]

    operations = [migrations.RunSQL(GUARD, FORMER)]
