"""Every setting of the project, read from the environment once; nothing else reads it.

Names, defaults and meaning stand in `.env.example` too. The AWS SDKs read their own standard variables
(AWS_REGION, AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL_BEDROCK_RUNTIME, AWS_ENDPOINT_URL_BEDROCK, credentials).
"""

import datetime as dt
import os
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from chatbot_project import __version__, secrets
from telemetry.log_lines import logging_config

BASE_DIR = Path(__file__).resolve().parent.parent


# Each may come from a file or from AWS Secrets Manager instead (chatbot_project/secrets.py).
SECRETS = ("DJANGO_SECRET_KEY", "DATABASE_URL", "REDIS_URL", "STAFF_OIDC_CLIENT_SECRET")


class Environment(environ.Env):  # type: ignore[misc]  # the library has no types
    """Values exactly as they stand. One of the wrong type is named, with the variable it stands in; no secret is."""

    def __init__(self) -> None:
        super().__init__()
        # The library would read a value that begins with $ as the name of another variable.
        self.escape_proxy = True
        self.ENVIRON = {
            name: value.replace("$", r"\$") for name, value in secrets.resolved(os.environ, SECRETS).items()
        }

    def get_value(self, var: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # as the library has it
        try:
            return super().get_value(var, *args, **kwargs)
        except ValueError as error:
            raise ImproperlyConfigured(f"{var} has a value that cannot be read: {error}") from error

    def one_of(self, var: str, values: tuple[str, ...], default: str) -> str:
        """One of a few words. Raises ImproperlyConfigured for any other."""
        value: str = self.get_value(var, cast=str, default=default) or default
        if value not in values:
            raise ImproperlyConfigured(f"{var} must be one of {', '.join(values)}.")
        return value

    def usd(self, var: str) -> Decimal | None:
        """US dollars to the billionth; None where nothing is set."""
        amount: Decimal | None = self.get_value(var, cast=_usd, default=None)
        return amount

    def db_url(self, var: str, default: str) -> dict[str, Any]:
        try:
            database: dict[str, Any] = super().db_url(var, default=default)
        except (ValueError, LookupError):  # their words quote the URL, and with it a password
            raise ImproperlyConfigured(f"{var} is no URL of a database.") from None
        return database


def _usd(text: str) -> Decimal | None:
    try:
        amount = Decimal(text) if text else None
    except InvalidOperation:
        raise ValueError("not a number") from None
    if amount is not None and not (amount.is_finite() and 0 <= amount < _MOST_USD and amount == round(amount, 9)):
        raise ValueError(f"not from 0 to {_MOST_USD:,}, or more than nine digits behind the point")
    return amount


_MOST_USD = 1_000_000_000
env = Environment()

# Local mode: everything on this machine, no account and no secrets worth stealing. Set by `manage.py runlocal` alone.
LOCAL_MODE: bool = env.bool("LOCAL_MODE", default=False)
# What a laptop keeps: staff accounts, static files and, in local mode, conversations and logs.
LOCAL_STATE_DIR = Path(env.str("LOCAL_STATE_DIR", default=str(BASE_DIR / ".local")))
# An OpenAI-compatible server behind local mode's Bedrock, instead of the offline model, and which of its models.
LOCAL_MODEL_URL: str = env.str("LOCAL_MODEL_URL", default="")
LOCAL_MODEL: str = env.str("LOCAL_MODEL", default="")

# --- Django -----------------------------------------------------------------------------------------------------------
DEBUG: bool = env.bool("DJANGO_DEBUG", default=False)
SECRET_KEY: str = env.str("DJANGO_SECRET_KEY", default="local-mode-only" if LOCAL_MODE else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("Set DJANGO_SECRET_KEY to a long random text: sessions of staff are signed with it.")
ALLOWED_HOSTS: list[str] = env.list("DJANGO_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])

# Web pages of these origins may call the API from a browser, e.g. https://chat.example.com.
CORS_ALLOWED_ORIGINS: list[str] = env.list("CORS_ALLOWED_ORIGINS", default=[])

ROOT_URLCONF = "chatbot_project.urls"
WSGI_APPLICATION = "chatbot_project.wsgi.application"
APPEND_SLASH = False
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "access.apps.AccessConfig",  # before the admin, one of whose templates it extends
    "access.apps.StaffAdminConfig",  # django.contrib.admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "chatbot_project.apps.ProjectConfig",
    "conversations.apps.ConversationsConfig",
    "axes",
    *(["corsheaders"] if CORS_ALLOWED_ORIGINS else []),
    *(["local_aws"] if LOCAL_MODE else []),
]

MIDDLEWARE = [
    "telemetry.metrics_page.MetricsMiddleware",
    "telemetry.request_id.RequestIDMiddleware",
    "telemetry.requests.RequestMiddleware",
    "access.limits.headers.RateLimitHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "chatbot_project.security.SecurityHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    *(["corsheaders.middleware.CorsMiddleware"] if CORS_ALLOWED_ORIGINS else []),
    "chatbot_project.security.HostMiddleware",
    "chatbot_project.security.StaffSessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "chatbot_project.security.StaffAuthenticationMiddleware",
    "chatbot_project.security.StaffMessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Staff accounts only. The chat plane never opens this database.
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{LOCAL_STATE_DIR / 'staff.sqlite3'}")}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- Security ---------------------------------------------------------------------------------------------------------
# The header by which the load balancer says that a caller came over TLS, e.g. HTTP_X_FORWARDED_PROTO,https.
SECURE_PROXY_SSL_HEADER: tuple[str, ...] | None = tuple(env.list("SECURE_PROXY_SSL_HEADER", default=[])) or None
# Without that header every request looks like plain HTTP, and would be redirected for ever.
SECURE_SSL_REDIRECT: bool = env.bool("SECURE_SSL_REDIRECT", default=SECURE_PROXY_SSL_HEADER is not None)
SECURE_REDIRECT_EXEMPT = [r"^health(/ready)?$"]  # load balancers and the kubelet ask over plain HTTP
SECURE_HSTS_SECONDS: int = env.int("SECURE_HSTS_SECONDS", default=0 if LOCAL_MODE else 365 * 24 * 60 * 60)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("SECURE_COOKIES", default=not LOCAL_MODE)
SESSION_COOKIE_AGE = 12 * 60 * 60  # a working day of staff
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "chatbot_project.problem_pages.csrf_failure"
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SILENCED_SYSTEM_CHECKS: list[str] = [
    "security.W021",  # browsers' preload list takes whole domains: no decision of one service
    *env.list("SILENCED_SYSTEM_CHECKS", default=[]),
]

CORS_URLS_REGEX = r"^/(chat|history|sessions|usage|models|openapi\.json)(/|$)"
CORS_ALLOW_HEADERS = ("accept", "authorization", "content-type", "idempotency-key", "x-api-key", "x-request-id")
CORS_EXPOSE_HEADERS = (
    *("X-Request-ID", "Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"),
    *("Budget-Limit-USD", "Budget-Remaining-USD"),
)

# Where staff sign in beside the password form, or in its place: access/staff/sign_in.
STAFF_PASSWORDS: bool = env.bool("STAFF_PASSWORDS", default=True)
STAFF_OIDC_ISSUER: str = env.str("STAFF_OIDC_ISSUER", default="")
STAFF_OIDC_NAME: str = env.str("STAFF_OIDC_NAME", default="SSO")
STAFF_OIDC_CLIENT_ID: str = env.str("STAFF_OIDC_CLIENT_ID", default="")
STAFF_OIDC_CLIENT_SECRET: str = env.str("STAFF_OIDC_CLIENT_SECRET", default="")
STAFF_OIDC_SCOPES: list[str] = env.list("STAFF_OIDC_SCOPES", default=["openid", "profile", "email"])
# Which of our groups each group at the issuer means, as in {"chat-support": "Support"}.
STAFF_OIDC_GROUPS_CLAIM: str = env.str("STAFF_OIDC_GROUPS_CLAIM", default="cognito:groups")
STAFF_OIDC_GROUPS: dict[str, str] = env.dict("STAFF_OIDC_GROUPS", default={})

# Sign-ins of staff: after five failures of one name from one address both together wait for a quarter of an hour.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    *(["django.contrib.auth.backends.ModelBackend"] if STAFF_PASSWORDS else []),
    *(["access.staff.sign_in.backend.IssuerBackend"] if STAFF_OIDC_ISSUER else []),
]
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = dt.timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "access.addresses.client_address"
AXES_LOCKOUT_CALLABLE = "chatbot_project.staff_lockout.locked_out"
AXES_VERBOSE = False
LOGIN_REDIRECT_URL = "admin:index"  # where an address names no page of ours to go on to

# --- Files and bodies -------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT: str = env.str("STATIC_ROOT", default=str(LOCAL_STATE_DIR / "static"))

# A body is refused before it is read whole. The longest message, every character of it escaped in JSON, still fits.
MAX_BODY_BYTES: int = env.int("MAX_BODY_BYTES", default=2 * 1024 * 1024)
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES

# --- Telemetry --------------------------------------------------------------------------------------------------------
# The function's name, on Lambda alone.
AWS_LAMBDA_FUNCTION_NAME: str = env.str("AWS_LAMBDA_FUNCTION_NAME", default="")
LOG_LEVEL: str = env.str("LOG_LEVEL", default="INFO")
LOG_FORMAT: str = env.one_of("LOG_FORMAT", ("json", "line"), default="line" if LOCAL_MODE else "json")
_lines = logging_config(LOG_FORMAT, LOG_LEVEL)
LOGGING: dict[str, Any] = {
    **_lines,
    "filters": {**_lines["filters"], "routes_not_paths": {"()": "telemetry.requests.RoutesNotPaths"}},
    "loggers": {
        # Libraries that would print requests, and with them what people say, stay at warnings whatever the level is.
        **{name: {"level": "WARNING"} for name in ("boto3", "botocore", "pynamodb", "urllib3", "opentelemetry")},
        # A pool that is full closes a connection that it could have kept; urllib3 would say so for each of a burst.
        "urllib3.connectionpool": {"level": "ERROR"},
        "django.request": {"level": "ERROR", "filters": ["routes_not_paths"]},
    },
}
METRICS: str = env.one_of(
    "METRICS", ("prometheus", "emf", "off"), default="emf" if AWS_LAMBDA_FUNCTION_NAME else "prometheus"
)
METRICS_PORT: int = env.int("METRICS_PORT", default=0 if LOCAL_MODE else 9464)
TRACES: str = env.one_of("TRACES", ("off", "otlp", "xray"), default="off")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["access.authentication.CallerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["access.permissions.HasScope"],
    "DEFAULT_PARSER_CLASSES": ["conversations.api.parsing.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "conversations.api.negotiation.JSONNegotiation",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "access.schema.ScopedSchema",
    "EXCEPTION_HANDLER": "conversations.api.problems.handle_exception",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
}

SPECTACULAR_SETTINGS = {
    "DEFAULT_GENERATOR_CLASS": "chatbot_project.openapi.Generator",
    "TITLE": "Chatbot API",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVE_PUBLIC": True,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "VERSION": __version__,
    "DESCRIPTION": "Chat with Amazon Nova on Amazon Bedrock; every conversation is kept in DynamoDB.",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "conversations.api.docs.no_other_fields",
    ],
    "ENUM_NAME_OVERRIDES": {
        "SessionStateEnum": ["idle", "pending", "failed"],
        "PendingStateEnum": ["pending", "failed"],
    },
}

# --- AWS --------------------------------------------------------------------------------------------------------------
AWS_REGION: str = env.str("AWS_REGION", default="") or env.str("AWS_DEFAULT_REGION", default="us-east-1")
CONVERSATIONS_TABLE: str = env.str("CONVERSATIONS_TABLE", default="ChatbotConversations")
USAGE_TABLE: str = env.str("USAGE_TABLE", default="ChatbotUsage")
API_KEYS_TABLE: str = env.str("API_KEYS_TABLE", default="ChatbotApiKeys")
BEDROCK_MODEL_ID: str = env.str("BEDROCK_MODEL_ID", default="us.amazon.nova-pro-v1:0")
BEDROCK_MODELS: list[str] = env.list(
    "BEDROCK_MODELS",
    default=[
        "us.amazon.nova-micro-v1:0",
        "us.amazon.nova-lite-v1:0",
        "us.amazon.nova-pro-v1:0",
        "us.amazon.nova-2-lite-v1:0",
    ],
)
BEDROCK_REGIONS: list[str] = env.list("BEDROCK_REGIONS", default=[AWS_REGION])
BEDROCK_FALLBACK_MODELS: list[str] = env.list("BEDROCK_FALLBACK_MODELS", default=[])
# --- Server: deployment/gunicorn.conf.py reads these ------------------------------------------------------------------
PORT: int = env.int("PORT", default=8000)
if METRICS_PORT and METRICS_PORT == PORT:
    raise ImproperlyConfigured("METRICS_PORT must not be PORT: nothing but metrics is answered there.")
WEB_CONCURRENCY: int = env.int("WEB_CONCURRENCY", default=2)
GUNICORN_WORKER_CLASS: str = env.str("GUNICORN_WORKER_CLASS", default="gevent")
# Turns that one process carries at once; the connection pools to DynamoDB and Bedrock are as large.
GUNICORN_CONNECTIONS: int = env.int("GUNICORN_CONNECTIONS", default=1000)
# Seconds in which a request must have arrived whole, from its first byte to the last one of its body.
REQUEST_READ_SECONDS: int = env.int("REQUEST_READ_SECONDS", default=30)

# --- Chat -------------------------------------------------------------------------------------------------------------
CHAT_DEADLINE_SECONDS: int = env.int("CHAT_DEADLINE_SECONDS", default=60)
STREAM_STALL_SECONDS: int = env.int("STREAM_STALL_SECONDS", default=20)
CONTEXT_TOKENS: int = env.int("CONTEXT_TOKENS", default=24_000)
MAX_OUTPUT_TOKENS: int = env.int("MAX_OUTPUT_TOKENS", default=2_000)
MAX_MESSAGE_CHARS: int = env.int("MAX_MESSAGE_CHARS", default=100_000)
SYSTEM_PROMPT: str = env.str("SYSTEM_PROMPT", default="")
HISTORY_RETENTION_DAYS: int = env.int("HISTORY_RETENTION_DAYS", default=0)
SESSION_CACHE_BYTES: int = env.int("SESSION_CACHE_BYTES", default=32 * 1024 * 1024)

# --- Staff ------------------------------------------------------------------------------------------------------------
# What staff must give a reason for: conversations/admin/audit.py names the actions.
STAFF_REASON_REQUIRED: list[str] = env.list("STAFF_REASON_REQUIRED", default=[])

# --- Access -----------------------------------------------------------------------------------------------------------
ALLOW_ANONYMOUS: bool = env.bool("ALLOW_ANONYMOUS", default=False)
# Tokens of this issuer, for these audiences or client ids.
OIDC_ISSUER: str = env.str("OIDC_ISSUER", default="")
OIDC_AUDIENCE: list[str] = env.list("OIDC_AUDIENCE", default=[])
OIDC_TOKEN_USE: str = env.str("OIDC_TOKEN_USE", default="access")
# What a group may do, as in {"staff": "chat+history:read"}; without any, every token may do everything.
OIDC_GROUPS_CLAIM: str = env.str("OIDC_GROUPS_CLAIM", default="cognito:groups")
OIDC_GROUP_SCOPES: dict[str, str] = env.dict("OIDC_GROUP_SCOPES", default={})
# Users whom this load balancer signed in, with these client ids.
ALB_ARN: str = env.str("ALB_ARN", default="")
ALB_CLIENT_IDS: list[str] = env.list("ALB_CLIENT_IDS", default=[])
# What each owner may spend in a month, in USD; None is no limit. An API key may have its own.
MONTHLY_BUDGET_USD: Decimal | None = env.usd("MONTHLY_BUDGET_USD")
# Requests of one caller, and failed sign-ins of one address; empty is no limit. A laptop has one user.
RATE_LIMIT: str = env.str("RATE_LIMIT", default="6000/minute" if LOCAL_MODE else "60/minute")
RATE_LIMIT_FAILURES: str = env.str("RATE_LIMIT_FAILURES", default="30/minute")
# Turns of one caller at once; 0 is no limit.
MAX_CONCURRENT_TURNS: int = env.int("MAX_CONCURRENT_TURNS", default=0 if LOCAL_MODE else 20)
# Where limits are counted for all processes together; without it each process counts its own.
REDIS_URL: str = env.str("REDIS_URL", default="")
# Proxies of ours that every request passes; each has appended an entry to X-Forwarded-For.
TRUSTED_PROXIES: int = env.int("TRUSTED_PROXIES", default=0)
