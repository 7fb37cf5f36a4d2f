"""By which number the log lines of a request, and of the jobs that it asks for, are found together."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from procrastinate.job_context import JobContext

ARGUMENT = "request"  # of a job, beside those of its task

_request: ContextVar[str] = ContextVar("request", default="")
_job: ContextVar[int | None] = ContextVar("job", default=None)


def request() -> str:
    """Return the number of the request that is being answered, or that a job works for; empty: of none."""
    return _request.get()


def job() -> int | None:
    """Return the id of the job that is being done."""
    return _job.get()


def begin(number: str) -> None:
    """Name the request that this thread answers from now on, until it answers another one."""
    _request.set(number)


@contextmanager
def of(number: str) -> Iterator[None]:
    """Name the request that is answered meanwhile."""
    former = _request.set(number)
    try:
        yield
    finally:
        _request.reset(former)


def carried() -> dict[str, str]:
    """Return what a job is given for its log lines to bear the number of the request that defers it."""
    return {ARGUMENT: number} if (number := request()) else {}


async def work(call_next: Callable[[], Awaitable[Any]], context: "JobContext", worker: object) -> Any:
    """Do a job in the name of the request that deferred it; a middleware of procrastinate's workers."""
    # Each job has a context of its own, which its thread is given: nothing is left to put back.
    _job.set(context.job.id)
    _request.set(str(context.job.task_kwargs.pop(ARGUMENT, "")))
    return await call_next()
