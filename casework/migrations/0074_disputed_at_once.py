"""An answer that is disputed at the very instant at which its turn began is a disputed one."""

from django.db import migrations

from casework.migrations._disputed import DISPUTED, DISPUTED_FORMER


class Migration(migrations.Migration):
    dependencies = [("casework", "0073_there_again")]

    operations = [migrations.RunSQL(DISPUTED, DISPUTED_FORMER)]
