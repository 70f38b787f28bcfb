"""System checks of who is let in: settings that contradict each other, said before the first request."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as CheckWarning

from access.tokens.claims import group_scopes
from access.tokens.fetching import may_be_fetched


@register()
def check_oidc_settings(**_: Any) -> list[CheckMessage]:  # noqa: ANN401  # Django's signature
    """Tokens can be verified, and are verified for somebody."""
    found: list[CheckMessage] = []
    if settings.OIDC_ISSUER and not may_be_fetched(settings.OIDC_ISSUER):
        found.append(Error("OIDC_ISSUER must be a URL that begins with https://.", id="chatbot.E101"))
    if settings.OIDC_ISSUER and not settings.OIDC_AUDIENCE:
        hint = "Name the client ids or audiences whose tokens are accepted; without one every token is refused."
        found.append(Error("OIDC_ISSUER is set and OIDC_AUDIENCE is not.", hint=hint, id="chatbot.E102"))
    if settings.OIDC_TOKEN_USE not in {"access", "id"}:
        found.append(Error("OIDC_TOKEN_USE must be access or id.", id="chatbot.E103"))
    try:
        group_scopes()
    except ValueError as error:
        hint = "As in OIDC_GROUP_SCOPES=staff=chat+history:read,auditors=history:read"
        found.append(Error(f"OIDC_GROUP_SCOPES: {error}.", hint=hint, id="chatbot.E104"))
    if settings.OIDC_AUDIENCE and not settings.OIDC_ISSUER:
        found.append(CheckWarning("OIDC_AUDIENCE has no effect without OIDC_ISSUER.", id="chatbot.W101"))
    return found


@register()
def check_load_balancer_settings(**_: Any) -> list[CheckMessage]:  # noqa: ANN401  # Django's signature
    """The load balancer's header can be verified, and is verified for somebody."""
    from access.load_balancer.arns import keys_address  # with its package come PyJWT and cryptography

    found: list[CheckMessage] = []
    if settings.ALB_ARN and keys_address(settings.ALB_ARN) is None:
        hint = "As in arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/chatbot/50dc6c495c0c9188"
        found.append(Error("ALB_ARN is no ARN of an Application Load Balancer.", hint=hint, id="chatbot.E105"))
    if settings.ALB_ARN and not settings.ALB_CLIENT_IDS:
        hint = "Name the client ids that the load balancer signs users in with; without one every user is refused."
        found.append(Error("ALB_ARN is set and ALB_CLIENT_IDS is not.", hint=hint, id="chatbot.E106"))
    if settings.ALB_CLIENT_IDS and not settings.ALB_ARN:
        found.append(CheckWarning("ALB_CLIENT_IDS has no effect without ALB_ARN.", id="chatbot.W102"))
    return found
