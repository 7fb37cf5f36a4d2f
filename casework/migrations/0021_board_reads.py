"""What the board reads of pauses and of the turns of a case, by indexes alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("casework", "0020_rungs_of_turns")]

    operations = [
        migrations.AddIndex(
            model_name="pause",
            index=models.Index(fields=["until"], name="casework_pause_until"),
        ),
        migrations.RemoveConstraint(model_name="turn", name="turn_identity"),
        migrations.AddConstraint(
            model_name="turn",
            constraint=models.UniqueConstraint(
                fields=["case", "number"],
                include=["began_at", "office", "official"],
                name="turn_identity",
            ),
        ),
    ]
