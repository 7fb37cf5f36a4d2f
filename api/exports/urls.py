"""The addresses of exports."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from api.exports import making, views


class ExportConverter(StringConverter):
    """The forms of an export."""

    regex = "|".join(making.MEDIA_TYPES)


register_converter(ExportConverter, "export")

urlpatterns = [
    path("api/collections/<str:collection>/export.<export:extension>", views.export),
    path("api/collections/<str:collection>/dictionary", views.dictionary_of),
    path("api/exports", views.listing),
    path("api/exports/<str:day>/<str:name>", views.file),
]
