"""The accounts of those who work with the platform."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from boundaries.models import Office


class Users(BaseUserManager["User"]):
    """The accounts, and how one is made; ``staff.accounts`` is what commands call."""

    def create_user(self, username: str, password: str | None = None, **parts: Any) -> "User":
        """Store an account; without a password it can be entered by the city's own login alone."""
        parts.setdefault("created_at", timezone.now())
        user = self.model(username=self.model.normalize_username(username).lower(), **parts)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **parts: Any) -> "User":
        """Store an account that may do everything, as Django's own command does."""
        return self.create_user(username, password, is_superuser=True, **parts)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find an account however its name is capitalised."""
        return self.get(username=self.model.normalize_username(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person who works with the platform; an official's account belongs to the office whose cases it sees.

    It is never deleted, for the audit names it, but made inactive.
    """

    username = models.CharField(max_length=150, unique=True)
    name = models.TextField(blank=True)
    email = models.EmailField(blank=True)
    office = models.ForeignKey(Office, models.PROTECT, null=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    # Of a password that somebody else has set: until when it lets in, to choose one's own.
    once_until = models.DateTimeField(null=True)

    objects: ClassVar[Users] = Users()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        default_permissions = ()
        permissions = [("manage_staff", "May make, change and end the accounts of staff")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(username=Lower("username")), name="username_in_lower_case"
            )
        ]

    def __str__(self) -> str:
        return self.username

    @property
    def mark(self) -> str:
        """How histories name it: ``user:12``."""
        return f"user:{self.pk}"

    def get_full_name(self) -> str:
        """Return the name of the person, or of the account."""
        return self.name or self.username
