"""Of a turn the distance of its report to a border may be forgotten, and nothing else of why it is theirs."""

from django.db import migrations

from casework.migrations._forgotten import FORMER, GUARD


class Migration(migrations.Migration):
    dependencies = [("casework", "0065_earlier_words")]

    operations = [migrations.RunSQL(GUARD, FORMER)]
