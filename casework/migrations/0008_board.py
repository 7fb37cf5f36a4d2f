"""What the board reads of turns, and how it judges them."""

from django.db import migrations, models

from casework.migrations._board import DROP_JUDGED, JUDGED


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0007_pauses_resumed"),
        ("layers", "0003_followed"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="turn",
            index=models.Index(
                fields=["began_at"],
                include=[
                    "id",
                    "case",
                    "number",
                    "office",
                    "official",
                    "acting",
                    "due_at",
                    "due_is_sure",
                    "answered_at",
                    "ended_at",
                    "ended_by",
                ],
                name="turn_board",
            ),
        ),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(
                fields=["case"],
                name="change_to_duplicate",
                include=["at"],
                condition=models.Q(to_state="duplicate"),
            ),
        ),
        migrations.RunSQL(JUDGED, DROP_JUDGED),
    ]
