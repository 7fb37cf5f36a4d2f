"""The addresses of pages that people read."""

from django.urls import path

from console import views

urlpatterns = [path("", views.map_page, name="map")]
