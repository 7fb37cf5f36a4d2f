"""Pictures are kept for so long and no longer."""

import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0009_public_point")]

    operations = [
        migrations.AddField(
            model_name="photo",
            name="kept_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AddField(model_name="photo", name="expired_at", field=models.DateTimeField(null=True)),
        migrations.AddIndex(model_name="photo", index=models.Index(fields=["digest"], name="photo_digest")),
        migrations.AddIndex(
            model_name="photo",
            index=models.Index(
                condition=models.Q(("expired_at", None)), fields=["kept_at"], name="photo_age"
            ),
        ),
    ]
