"""Steps that are taken back by whoever took them."""

from django.db import migrations

from casework.migrations._undo import DROP_UNDO, UNDO


class Migration(migrations.Migration):
    dependencies = [("casework", "0021_board_reads")]

    operations = [migrations.RunSQL(UNDO, DROP_UNDO)]
