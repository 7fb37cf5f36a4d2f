"""The addresses of the questions."""

from django.urls import path

from api.questions import changes, counts, heat, locating, nearest, places, series

urlpatterns = [
    path("api/changes", changes.changes),
    path("api/counts", counts.counts),
    path("api/heat", heat.heat),
    path("api/locate", locating.locate),
    path("api/nearest", nearest.nearest),
    path("api/places", places.places),
    path("api/series", series.series),
]
