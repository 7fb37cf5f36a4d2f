"""A change keeps when its source says that the step was taken, beside when it counts in the case's history.

Changes from before have no such time, and their turns stay as they were judged: what a source said then stands in
the traces, but history is not judged anew. What a channel says from now on counts behind ``at`` of the last of them.
"""

from django.db import migrations, models
from django.db.models import F, Q

from casework.migrations._said import NOT_SAID, SAID


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0033_missed_stays"),
        ("reports", "0017_moved"),
    ]

    operations = [
        migrations.AddField(
            model_name="change",
            name="said_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=Q(said_at=None) | Q(said_at__lte=F("at")), name="change_said_before_it_counts"
            ),
        ),
        migrations.RunSQL(SAID, NOT_SAID),
    ]
