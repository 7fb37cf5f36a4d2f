"""Where each address goes: the one place that knows every app above."""

from django.urls import include, path

handler400 = "api.errors.bad_request"
handler404 = "api.errors.not_found"
handler500 = "api.errors.internal_error"

urlpatterns = [
    path("", include("api.urls")),
    path("", include("console.urls")),
    path("", include("ingest.urls")),
]
