"""Links of answers are random and stored as digests; mails to who wrote a report can be forgotten.

What was sent before bears a token that the key of the platform signed, which never expired. Each such token
becomes a link: those of messages that were sent, and those on receipts of the form. They work on, and expire
``GEOPLATFORM_LINK_DAYS`` days after this migration. No message holds a token afterwards: one that waits gets
one when it is sent. Digests of messages stay, so none is sent twice.
"""

import django.db.models.deletion
from django.db import migrations, models

from casework.migrations._links import FORGETTABLE, UNFORGETTABLE, take_over


class Migration(migrations.Migration):
    dependencies = [
        ("casework", "0029_saved_figures"),
        ("reports", "0018_bounced"),
    ]

    operations = [
        migrations.CreateModel(
            name="Link",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.BinaryField(unique=True)),
                ("made_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "notice",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, to="casework.notice"
                    ),
                ),
                (
                    "report",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="reports.report"),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("channel", "reply")), fields=["address"], name="notice_reply"
            ),
        ),
        migrations.RunSQL(FORGETTABLE, UNFORGETTABLE),
        migrations.RunPython(take_over, migrations.RunPython.noop),
    ]
