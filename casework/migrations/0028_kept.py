"""History is never emptied, and no turn is answered without a change of its case."""

from django.db import migrations

from casework.migrations._kept import ANSWERED, KEPT, NOT_ANSWERED, NOT_KEPT


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0003_audit"),
        ("casework", "0027_watched"),
        ("reports", "0017_moved"),
    ]

    operations = [migrations.RunSQL(KEPT, NOT_KEPT), migrations.RunSQL(ANSWERED, NOT_ANSWERED)]
