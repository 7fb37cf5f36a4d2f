"""The city's own login, by OpenID Connect: it says who somebody is; an account of ours lets them in.

The library has state, nonce, PKCE and signature; issuer, audience and a verified address are asked for here.
"""

import logging
from typing import Any

import jwt
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db.models import QuerySet
from django.http import HttpRequest
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from staff.models import User

logger = logging.getLogger(__name__)


class CityBackend(OIDCAuthenticationBackend):
    """Finds the account of whom the city's login names; makes none."""

    def authenticate(self, request: HttpRequest | None, **kwargs: Any) -> User | None:
        """Return whose account it is; None where the login cannot be believed, or has no account here."""
        try:
            found: User | None = super().authenticate(request, **kwargs)
        except (SuspiciousOperation, jwt.PyJWTError, OSError) as error:
            logger.warning("the city's login was not believed: %s %s", type(error).__name__, error)
            return None
        return found

    def get_user(self, user_id: int) -> User | None:
        """Return whose session it is; None where the account was disabled since."""
        user: User | None = super().get_user(user_id)
        return user if user and self.user_can_authenticate(user) else None

    def retrieve_matching_jwk(self, token: str) -> jwt.PyJWK:
        """Return the key that a token names; where it names none, the only one that there is."""
        # OpenID Connect Core, 10.1, wants a name where there are several keys; the library always does.
        if "kid" in jwt.get_unverified_header(token):
            named: jwt.PyJWK = super().retrieve_matching_jwk(token)
            return named
        keys = jwt.PyJWKClient(self.OIDC_OP_JWKS_ENDPOINT, timeout=settings.OIDC_TIMEOUT).get_signing_keys()
        if len(keys) != 1:
            raise SuspiciousOperation(f"a token that names none of {len(keys)} keys")
        return keys[0]

    def verify_token(self, token: str, **kwargs: Any) -> dict[str, Any]:
        """Return what a token says, if it was made by the issuer, for us, and holds still."""
        said: dict[str, Any] = super().verify_token(token, **kwargs)
        audience = said.get("aud")
        ours = audience if isinstance(audience, list) else [audience]
        if (
            said.get("iss") != settings.OIDC_ISSUER
            or settings.OIDC_RP_CLIENT_ID not in ours
            or "exp" not in said
        ):
            raise SuspiciousOperation("issuer, audience or end of a token")
        return said

    def get_userinfo(self, access_token: str, id_token: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Return what the signed token says: nothing else need be asked."""
        return payload

    def filter_users_by_claims(self, claims: dict[str, Any]) -> QuerySet[User]:
        """Return the accounts of an address that the city has verified."""
        email = claims.get("email")
        if not email or claims.get("email_verified") is not True:
            return User.objects.none()
        return User.objects.filter(email__iexact=email, is_active=True)
