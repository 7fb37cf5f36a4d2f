"""What the database knows of how the platform fares, as Prometheus reads it."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from django.conf import settings
from django.db import DatabaseError
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from geoplatform import sql

#: What each figure of api/sql/metrics.sql is, and of what.
FIGURES = {
    "feed_success_age_seconds": ("Since the last good run of a feed.", "feed"),
    "feed_lag_seconds": ("Between the newest item's own time and when it was read.", "feed"),
    "feed_stale": ("1: the feed is silent for more than three times its usual interval.", "feed"),
    "feed_failing": ("1: its last run was not good.", "feed"),
    "feed_items_last_day": ("Items of the last day.", "feed"),
    "feed_rejected_waiting": ("Items set aside that wait for a person.", "feed"),
    "feed_dead_letters": ("Answers that a channel did not take.", "feed"),
    "layer_revision": ("How often a layer has changed.", "layer"),
    "layer_change_age_seconds": ("Since the last change of a layer.", "layer"),
    "table_rows": ("Rows of a table, as PostgreSQL estimates them.", "table"),
    "jobs_waiting": ("Jobs of the worker that are due and not begun.", "queue"),
    "jobs_oldest_age_seconds": ("How long the oldest of them waits.", "queue"),
    "jobs": ("Jobs under way, and those that failed in the last days.", "status"),
    "outbox_waiting": ("Messages that wait to be sent.", "kind"),
    "outbox_oldest_age_seconds": ("How long the oldest of them waits.", "kind"),
    "outbox_dead": ("Messages that were given up: a person must look.", "kind"),
    "audit_entries": ("Lines of the audit; fewer than before is an alarm.", ""),
    "reports_without_case": ("Reports that no case was opened for yet: how far the board is behind.", ""),
    "standby_lag_seconds": ("How far a standby is behind, as the primary sees it.", "standby"),
    "commits_waiting": ("Commits that wait until a standby has them.", ""),
    "replay_age_seconds": ("Of a standby that is asked itself: since its newest change.", ""),
    "archive_age_seconds": ("Since PostgreSQL last handed changes to the backup.", ""),
    "archive_failing": ("1: the backup did not take what it was handed last.", ""),
    "connections": ("Connections to the database.", "state"),
}


class Figures(Collector):
    """Asks the database when it is scraped; where that gives no answer, that is the answer."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Return every figure."""
        try:
            rows = read(self.at)
        except DatabaseError:
            yield GaugeMetricFamily("geoplatform_database_up", "1: the database answers.", 0)
            return
        yield GaugeMetricFamily("geoplatform_database_up", "1: the database answers.", 1)
        for name, found in groupby(rows, key=itemgetter(0)):
            what, label = FIGURES[name]
            family = GaugeMetricFamily(f"geoplatform_{name}", what, labels=[label] if label else [])
            for _, of, value in found:
                family.add_metric([of] if label else [], value)
            yield family


def read(at: datetime) -> list[tuple[str, str, float]]:
    """Return name, label and value of every figure as of an instant."""
    with sql.bounded(settings.QUERY_TIMEOUT_MS):
        return sql.rows("api/metrics", {"at": at})
