"""Bearer tokens of an OpenID Connect issuer: Amazon Cognito or any other that publishes its keys."""

from access.oidc.tokens import caller_of

__all__ = ["caller_of"]
