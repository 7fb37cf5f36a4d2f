"""Who answers for a turn is asked anew when it is answered or ends, and not the night after alone.

Turns of old stay with whom they are.
"""

from django.db import migrations

from casework.migrations._named import NAMED, NAMED_BEFORE


class Migration(migrations.Migration):
    dependencies = [("casework", "0051_away")]

    operations = [migrations.RunSQL(NAMED, NAMED_BEFORE)]
