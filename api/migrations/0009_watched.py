"""What the metrics tell of other roles' sessions and of standbys, without a right to read statistics."""

from django.db import migrations

# PostgreSQL shows the state of a session to its own role alone, and that of standbys to few: the role of the web
# server, which is asked for the metrics, would not see that commits of the workers' wait. These show it so much,
# as their owner: no statement, no address. Whoever may log in to the database may call them.
WATCHED = """
CREATE FUNCTION api_sessions() RETURNS TABLE (state text, waits_for text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT activity.state, activity.wait_event FROM pg_stat_activity AS activity
    WHERE activity.datname = current_database()
$$;

CREATE FUNCTION api_standbys() RETURNS TABLE (name text, lag_s float8)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT standby.application_name, extract(epoch FROM standby.replay_lag)::float8
    FROM pg_stat_replication AS standby
$$;
"""
UNWATCHED = "DROP FUNCTION api_standbys(); DROP FUNCTION api_sessions();"


class Migration(migrations.Migration):
    dependencies = [("api", "0008_partitions")]

    operations = [migrations.RunSQL(WATCHED, UNWATCHED)]
