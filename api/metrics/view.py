"""``/metrics``: for Prometheus on this machine, or at an address that the operator names."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest, multiprocess

from access import clients
from api.errors import UNKEPT
from api.metrics.figures import Figures
from api.metrics.folder import folder
from geoplatform.errors import Forbidden


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """``GET /metrics``: how the platform fares; for this machine, and whom the operator names."""
    _check(request)
    registry = CollectorRegistry()
    registry.register(Figures(timezone.now()))
    counted = REGISTRY
    if folder():
        counted = CollectorRegistry()
        multiprocess.MultiProcessCollector(counted)
    body = generate_latest(registry) + generate_latest(counted)
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": UNKEPT})


def _check(request: HttpRequest) -> None:
    header = request.META.get
    asks = clients.client(
        header("REMOTE_ADDR", ""), header("HTTP_X_FORWARDED_FOR", ""), settings.TRUSTED_PROXIES
    )
    address = clients.read(asks.partition("/")[0])
    if asks != clients.LOCAL and not (address and clients.is_trusted(address, settings.METRICS_READERS)):
        raise Forbidden("/metrics is for this machine, and for addresses that the operator names")
