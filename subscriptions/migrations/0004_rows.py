"""Who follows by e-mail is shown to no official: workers tell them what was answered; rows stay as they are."""

from django.db import migrations

NARROWED = """
ALTER TABLE subscriptions_watch ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_no_office ON subscriptions_watch
    USING (coalesce(current_setting('geoplatform.office', true), '') = '') WITH CHECK (true);
"""
NOT_NARROWED = """
DROP POLICY of_no_office ON subscriptions_watch;
ALTER TABLE subscriptions_watch DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("subscriptions", "0003_watches")]

    operations = [migrations.RunSQL(NARROWED, NOT_NARROWED)]
