"""Keys of those who may do more than read."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Scope(models.TextChoices):
    """What a key allows: to send and subscribe, and to ask more often."""

    WRITE = "write"
    LIMITS = "limits"


class ApiKey(models.Model):
    """A key as it is known by its digest alone; the text of it is shown once, to whom it is given.

    ``start`` is how it begins, for people to tell keys apart. One that was revoked stays, for the log.
    """

    title = models.TextField()
    digest = models.BinaryField(unique=True)
    start = models.TextField()
    scopes = ArrayField(models.TextField(choices=Scope.choices))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    # To the minute, as far as anybody looked it up.
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        permissions = [("manage_keys", "May make and revoke keys of the API")]
