"""What begins with every process of the platform."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings

from geoplatform.errors import BadSettings


class GeoplatformConfig(AppConfig):
    """The project itself, for what it tells of its processes elsewhere."""

    name = "geoplatform"

    def ready(self) -> None:
        """Send faults and traces, where somebody takes them; nothing of that is imported elsewhere."""
        if settings.SENTRY_DSN:
            _begin("GEOPLATFORM_SENTRY_DSN", "sentry", settings.SENTRY_DSN, settings.SENTRY_ENVIRONMENT)
        if settings.OTLP_URL:
            _begin("GEOPLATFORM_OTLP_URL", "tracing", settings.OTLP_URL, settings.TRACE_SHARE)


def _begin(setting: str, module: str, *given: object) -> None:
    try:
        import_module(f"geoplatform.{module}").begin(*given)
    except ModuleNotFoundError as error:
        missing = f"{setting} is set, and requirements-observe.txt is not installed: {error}"
        raise BadSettings(missing) from None
