"""Where each address goes: the one place that knows every app above."""

from django.urls import include, path

handler404 = "api.errors.not_found"

urlpatterns = [
    path("", include("api.urls")),
    path("", include("console.urls")),
]
