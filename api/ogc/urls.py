"""The addresses of OGC API - Features and - Tiles."""

from django.urls import path

from api.ogc import tilesets, views

urlpatterns = [
    path("api", views.landing),
    path("api/", views.landing),  # OWSLib puts the stroke there
    path("api/conformance", views.conformance),
    path("api/collections", views.all_collections),
    path("api/collections/<str:collection>", views.one_collection),
    path("api/collections/<str:collection>/queryables", views.queryables),
    path("api/collections/<str:collection>/items", views.items),
    path("api/collections/<str:collection>/items/<str:id>", views.item),
    path("api/tileMatrixSets", tilesets.matrix_sets),
    path("api/tileMatrixSets/<str:matrix>", tilesets.matrix_set),
    path("api/collections/<str:collection>/tiles", tilesets.tilesets),
    path("api/collections/<str:collection>/tiles/<str:matrix>", tilesets.tileset),
    path("api/collections/<str:collection>/tiles/<str:matrix>/<str:z>/<str:row>/<str:column>", tilesets.tile),
]
