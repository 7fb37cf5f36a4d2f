"""What the worker does for reports."""

from dataclasses import asdict
from datetime import date

from procrastinate.contrib.django import app

from boundaries import errands
from geoplatform.errors import GeoplatformError
from reports import activation


@app.task(queue="runs", pass_context=False)
def activate_edition(errand: int) -> None:
    """Put an edition in force, and place the reports of its days anew, as somebody asked."""
    asked = errands.begin(errand)
    if asked is None or asked.edition_id is None:
        return
    since = date.fromisoformat(asked.said["from"]) if asked.said["from"] else None
    errands.note(errand, "placing")
    try:
        moved = activation.activate(
            asked.edition_id, since, progress=lambda done, of: errands.note(errand, "placing", done, of)
        )
    except GeoplatformError as error:
        errands.fail(errand, str(error))
        return
    except Exception:
        errands.fail(errand, "an error that nobody foresaw: the worker's log has it")
        raise
    errands.finish(errand, asdict(moved))
