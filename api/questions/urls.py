"""The addresses of the questions."""

from django.urls import path

from api.questions import counts, heat, locating, nearest, places, series

urlpatterns = [
    path("api/counts", counts.counts),
    path("api/heat", heat.heat),
    path("api/locate", locating.locate),
    path("api/nearest", nearest.nearest),
    path("api/places", places.places),
    path("api/series", series.series),
]
