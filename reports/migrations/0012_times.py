"""Reports in the order of their times, page by page."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0011_references")]

    operations = [
        migrations.AddIndex(
            model_name="report", index=models.Index(fields=["submitted_at"], name="report_by_submitted")
        ),
        migrations.AddIndex(
            model_name="report", index=models.Index(fields=["updated_at"], name="report_by_updated")
        ),
    ]
