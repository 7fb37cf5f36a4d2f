"""Accounts of staff with their roles."""

from collections.abc import Callable

import pytest

from staff import accounts
from staff.models import User
from tests.conftest import NOON

PASSWORD = "jembatan-gantung-88"


@pytest.fixture
def account(city) -> Callable[..., User]:
    """Make an account of a role; an official's is of the office that is named."""

    def make(role: str, username: str | None = None, **parts: object) -> User:
        return accounts.create(username or role, [role], PASSWORD, NOON, **parts)

    return make
