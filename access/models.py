"""Keys of those who may do more than read, and the audit: who did what, when, from where."""

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


class Entry(models.Model):
    """A line of the audit: appended, never edited, bound to the line before by its hash.

    A trigger sets ``id`` (1, 2, ... without a gap) and ``hash``: the SHA-256 of the hash of the line before
    and of this line's content. No column holds personal data of a citizen.
    """

    id = models.BigIntegerField(primary_key=True, db_default=0)
    at = models.DateTimeField()
    # As histories name them: user:12, command:root, key:3; empty: not known.
    by = models.TextField(blank=True)
    action = models.TextField()
    # What it was done to: report:4711, user:12; empty where there is no one thing.
    subject = models.TextField(blank=True)
    address = models.TextField(blank=True)
    agent = models.TextField(blank=True)
    details = models.JSONField(db_default={})
    hash = models.BinaryField(db_default=b"")

    class Meta:
        default_permissions = ()
        permissions = [("view_audit", "May read the audit")]
        indexes = [
            models.Index(fields=["subject", "id"], name="entry_of_subject"),
            models.Index(fields=["by", "id"], name="entry_by"),
        ]
