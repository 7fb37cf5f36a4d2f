"""Words of merges and verdicts are struck out, too, when their citizen is forgotten."""

from django.db import migrations

from casework.migrations._personal import STRIKABLE_TOO, UNSTRIKABLE_TOO


class Migration(migrations.Migration):
    dependencies = [("casework", "0012_work_lists")]

    operations = [migrations.RunSQL(STRIKABLE_TOO, UNSTRIKABLE_TOO)]
