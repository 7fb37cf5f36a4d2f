"""The database takes a choice only of a case that is proposed; choices that there are stay."""

from django.db import migrations

from casework.migrations._chosen import CHOSEN, DROP_CHOSEN


class Migration(migrations.Migration):
    dependencies = [("casework", "0061_another_ladder")]

    operations = [migrations.RunSQL(CHOSEN, DROP_CHOSEN)]
