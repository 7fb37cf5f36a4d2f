"""What the worker does for boundaries."""

from procrastinate.contrib.django import app

from boundaries import uploads


@app.task(queue="runs", pass_context=False)
def load_edition(errand: int) -> None:
    """Read the edition that somebody sent; it takes the place of a run, which waits for sources too."""
    uploads.run(errand)
