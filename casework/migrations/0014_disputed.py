"""Which answers a citizen disputed, for the board."""

from django.db import migrations, models

from casework.migrations._board import DISPUTED, DROP_DISPUTED


class Migration(migrations.Migration):
    dependencies = [("casework", "0013_strikable")]

    operations = [
        migrations.AddIndex(
            model_name="change",
            index=models.Index(
                fields=["at"],
                include=["case", "permission"],
                condition=models.Q(to_state="disputed"),
                name="change_to_disputed",
            ),
        ),
        migrations.RunSQL(DISPUTED, DROP_DISPUTED),
    ]
