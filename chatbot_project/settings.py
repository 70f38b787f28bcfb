"""Every setting of the project, read from the environment once; nothing else reads it.

Names, defaults and meaning stand in `.env.example` too. The AWS SDKs read their own standard variables
(AWS_REGION, AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL_BEDROCK_RUNTIME, AWS_ENDPOINT_URL_BEDROCK, credentials).
"""

from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from chatbot_project import __version__

BASE_DIR = Path(__file__).resolve().parent.parent


class Environment(environ.Env):  # type: ignore[misc]  # the library has no types
    """A value of the wrong type is named, with the variable it stands in."""

    def get_value(self, var: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # as the library has it
        try:
            return super().get_value(var, *args, **kwargs)
        except ValueError as error:
            raise ImproperlyConfigured(f"{var} has a value that cannot be read: {error}") from error


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

ROOT_URLCONF = "chatbot_project.urls"
WSGI_APPLICATION = "chatbot_project.wsgi.application"
APPEND_SLASH = False
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "chatbot_project.apps.ProjectConfig",
    "access.apps.AccessConfig",
    "conversations.apps.ConversationsConfig",
    *(["local_aws"] if LOCAL_MODE else []),
]

MIDDLEWARE = [
    "telemetry.request_id.RequestIDMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
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

STATIC_URL = "/static/"
STATIC_ROOT: str = env.str("STATIC_ROOT", default=str(LOCAL_STATE_DIR / "static"))

# A body is refused before it is read whole. The longest message, every character of it escaped in JSON, still fits.
MAX_BODY_BYTES: int = env.int("MAX_BODY_BYTES", default=2 * 1024 * 1024)
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES

# Libraries that would print requests, and with them what people say, are kept at warnings whatever the level is.
LOG_LEVEL: str = env.str("LOG_LEVEL", default="INFO")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        **{name: {"level": "WARNING"} for name in ("boto3", "botocore", "pynamodb", "urllib3")},
        # A problem of the caller's is in the answer; Django would log a second line for each.
        "django.request": {"level": "ERROR"},
    },
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["access.authentication.CallerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["access.permissions.IsCaller"],
    "DEFAULT_PARSER_CLASSES": ["conversations.api.parsing.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "conversations.api.negotiation.JSONNegotiation",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "conversations.api.problems.handle_exception",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
}

SPECTACULAR_SETTINGS = {
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
WEB_CONCURRENCY: int = env.int("WEB_CONCURRENCY", default=2)
GUNICORN_WORKER_CLASS: str = env.str("GUNICORN_WORKER_CLASS", default="gevent")
# Turns that one process carries at once; the connection pools to DynamoDB and Bedrock are as large.
GUNICORN_CONNECTIONS: int = env.int("GUNICORN_CONNECTIONS", default=1000)

# --- Chat -------------------------------------------------------------------------------------------------------------
CHAT_DEADLINE_SECONDS: int = env.int("CHAT_DEADLINE_SECONDS", default=60)
STREAM_STALL_SECONDS: int = env.int("STREAM_STALL_SECONDS", default=20)
CONTEXT_TOKENS: int = env.int("CONTEXT_TOKENS", default=24_000)
MAX_OUTPUT_TOKENS: int = env.int("MAX_OUTPUT_TOKENS", default=2_000)
MAX_MESSAGE_CHARS: int = env.int("MAX_MESSAGE_CHARS", default=100_000)
SYSTEM_PROMPT: str = env.str("SYSTEM_PROMPT", default="")
HISTORY_RETENTION_DAYS: int = env.int("HISTORY_RETENTION_DAYS", default=0)
SESSION_CACHE_BYTES: int = env.int("SESSION_CACHE_BYTES", default=32 * 1024 * 1024)

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
