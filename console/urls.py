"""The addresses of pages that people read."""

from django.urls import path

from console import embed, preview, views

urlpatterns = [
    path("", views.map_page, name="map"),
    path("embed/map", embed.embed_map),
    path("embed/preview.png", preview.preview),
    path("api/oembed", embed.oembed),
]
