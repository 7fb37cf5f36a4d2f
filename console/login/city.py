"""The way in by the city's own login; whoever comes by it is asked for the second factor as all are."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from access import audit
from console.login.page import page
from geoplatform.errors import NotFound
from staff.models import User


class Callback(OIDCAuthenticationCallbackView):
    """Where the city's login sends people back to."""

    user: User

    def login_success(self) -> HttpResponse:
        """Log in, and record it."""
        answer: HttpResponse = super().login_success()
        audit.record("login", audit.origin(self.request), timezone.now(), self.user.mark, way="oidc")
        return answer

    def login_failure(self) -> HttpResponse:
        """Say that nobody was let in, and record it."""
        audit.record("login.failed", audit.origin(self.request), timezone.now(), way="oidc")
        return page(self.request, "login", 403, error="no_account", sso=True)


def begin(request: HttpRequest) -> HttpResponse:
    """``GET /staff/oidc/begin``: lead to the city's login; nothing where the settings name none."""
    _require(request)
    answer: HttpResponse = OIDCAuthenticationRequestView.as_view()(request)
    return answer


def callback(request: HttpRequest) -> HttpResponse:
    """``GET /staff/oidc/callback``: come back from it."""
    _require(request)
    answer: HttpResponse = Callback.as_view()(request)
    return answer


def _require(request: HttpRequest) -> None:
    if not settings.OIDC_RP_CLIENT_ID:
        raise NotFound(f"there is nothing at {request.path}")
