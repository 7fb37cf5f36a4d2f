"""How the feeds fare, as the platform has noted it."""

from drills.city import FEEDS


def runs() -> dict[str, int]:
    """Return how many runs of each feed have ended."""
    from ingest.models import Run

    ended = Run.objects.exclude(finished_at=None)
    return {name: ended.filter(feed=name).count() for name in FEEDS}


def failed(name: str) -> int:
    """Return how many runs of a feed have failed."""
    from ingest.models import Run

    return Run.objects.filter(feed=name, outcome="failed").count()


def set_aside(reason: str = "") -> int:
    """Return how many payloads were set aside, or those for a reason: a person looks at them."""
    from ingest.models import Rejection

    return Rejection.objects.filter(reason__contains=reason).count()


def stored(beginning: str) -> int:
    """Return how many reports there are whose id begins so."""
    from reports.models import Report

    return Report.objects.filter(external_id__startswith=beginning).count()
