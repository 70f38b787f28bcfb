"""The environment of each child. The application gets what production gives it, only with addresses of this machine.

Whatever the user's shell says about AWS stays out, so that nothing can reach a real account by mistake; so does what
points at databases elsewhere, because local mode migrates the database it is given.
"""

from collections.abc import Mapping
from pathlib import Path

LOCAL_REGION = "us-east-1"  # MiniStack keeps tables by region: another one would show an empty history
ELSEWHERE = ("DATABASE_URL", "REDIS_URL")
OVERRIDES = ("GUNICORN_CMD_ARGS", "DJANGO_SETTINGS_MODULE")  # of other projects, exported in the same shell
LOOPBACK = "127.0.0.1,localhost"


def account_environment(outer: Mapping[str, str], *, secret_key: str, region: str) -> dict[str, str]:
    """The application on the user's own AWS account: as the shell has it, in the region of the user's profile."""
    return {**_application(outer, secret_key=secret_key), "AWS_REGION": region}


def local_environment(outer: Mapping[str, str], *, secret_key: str, endpoint: str) -> dict[str, str]:
    """The application on MiniStack at `endpoint`: every AWS service is there, with credentials that open nothing."""
    clean = {name: value for name, value in outer.items() if not name.startswith("AWS_") and name not in ELSEWHERE}
    services = ("DYNAMODB", "BEDROCK", "BEDROCK_RUNTIME")
    return {
        **_application(clean, secret_key=secret_key),
        "AWS_REGION": LOCAL_REGION,
        "AWS_DEFAULT_REGION": LOCAL_REGION,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": endpoint,
        **{f"AWS_ENDPOINT_URL_{service}": endpoint for service in services},
        **_past_proxies(outer),
    }


def ministack_environment(
    outer: Mapping[str, str], *, port: int, state_dir: Path, model_url: str, model_timeout: float
) -> dict[str, str]:
    """MiniStack on one port of the loopback, saving to `state_dir`, with `model_url` behind its Bedrock."""
    return {
        **_ministack(outer, port=port, folder=state_dir),
        "SERVICES": "dynamodb,bedrock,bedrock-runtime",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state_dir),
        "LOG_LEVEL": "WARNING",
        "MINISTACK_BEDROCK_PROXY_URL": model_url,
        "MINISTACK_BEDROCK_PROXY_TIMEOUT_SECONDS": str(model_timeout),
    }


def passing_ministack_environment(outer: Mapping[str, str], *, port: int, home: Path, services: str) -> dict[str, str]:
    """A MiniStack that keeps nothing, with `home` as its home; empty `services` means all that there are."""
    chosen = {"SERVICES": services} if services else {}
    return {**_ministack(outer, port=port, folder=home), **chosen, "HOME": str(home), "LOG_LEVEL": "ERROR"}


def model_environment(outer: Mapping[str, str]) -> dict[str, str]:
    """The model's server: no settings, but a proxy on the way to LOCAL_MODEL_URL is used."""
    return {**outer, **_past_proxies(outer)}


def _ministack(outer: Mapping[str, str], *, port: int, folder: Path) -> dict[str, str]:
    """What every MiniStack is told.

    It must find no Docker: it would remove containers of other MiniStacks, and wait for a daemon that hangs.
    """
    kept = {name: outer[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in outer}
    return {
        **kept,
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{folder}/no-docker.sock",
    }


def _application(outer: Mapping[str, str], *, secret_key: str) -> dict[str, str]:
    """Django's part, the same with and without MiniStack."""
    kept = {name: value for name, value in outer.items() if name not in OVERRIDES}
    return {
        **kept,
        "LOCAL_MODE": "on",
        "ALLOW_ANONYMOUS": "on",
        "DJANGO_SECRET_KEY": secret_key,
        "DJANGO_SETTINGS_MODULE": "chatbot_project.settings",
    }


def _past_proxies(outer: Mapping[str, str]) -> dict[str, str]:
    """Both spellings of NO_PROXY, with this machine in it."""
    told = outer.get("no_proxy") or outer.get("NO_PROXY")
    value = f"{told},{LOOPBACK}" if told else LOOPBACK
    return {"NO_PROXY": value, "no_proxy": value}
