"""Where each address of GeoReport v2 goes that is only read; for requests see geoplatform/urls.py."""

from django.urls import re_path

from api.open311 import views

FORM = r"\.(?P<form>json|xml)$"

urlpatterns = [
    re_path(rf"^(?:v2/)?discovery{FORM}", views.discovery),
    re_path(rf"^v2/services{FORM}", views.all_services),
    re_path(rf"^v2/services/(?P<code>[^/]+){FORM}", views.one_service),
    re_path(rf"^v2/requests/(?P<id>[^/]+){FORM}", views.one_request),
    re_path(rf"^v2/servicerequestupdates{FORM}", views.all_updates),
]
