"""What leads a cluster is asked of one function, of which the planner knows how much it returns; rows stay."""

from django.db import migrations

from casework.migrations._led import CARRIED, CARRIED_FORMER, DROP_LED, LED, PROBLEMS, PROBLEMS_FORMER


class Migration(migrations.Migration):
    dependencies = [("casework", "0048_former_indexes_of_turns")]

    operations = [
        migrations.RunSQL(LED, DROP_LED),
        migrations.RunSQL(PROBLEMS, PROBLEMS_FORMER),
        migrations.RunSQL(CARRIED, CARRIED_FORMER),
    ]
