"""Whose citizens were forgotten."""

from django.db import models

from reports.models import Report


class Anonymised(models.Model):
    """A report of which nothing personal was left, and when; its channel may send it anew."""

    report = models.OneToOneField(Report, models.CASCADE, primary_key=True)
    at = models.DateTimeField()
