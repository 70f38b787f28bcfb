"""Takes out of /opt/venv what the application never reads: `python trim_environment.py`, inside the build.

Most of it is botocore's descriptions of AWS services, more than 400 of them.
"""

import shutil
import sysconfig
from importlib.util import find_spec
from pathlib import Path

# What the application calls, then what the SDK itself asks for credentials.
SERVICES = frozenset({"bedrock", "bedrock-runtime", "dynamodb", "secretsmanager"})
CREDENTIALS = frozenset({"signin", "sso", "sso-oidc", "sts"})
# Tests that packages bring along, and maps, which nothing here shows.
UNUSED = ("gevent/tests", "gevent/testing", "zope/interface/tests", "django/contrib/gis")


def trim(packages: Path) -> None:
    """Leave in a folder of packages only what is used of botocore and of translations, and nothing of UNUSED."""
    kept = SERVICES | CREDENTIALS
    for service in (packages / "botocore" / "data").iterdir():
        if service.is_dir() and service.name not in kept:
            shutil.rmtree(service)
    # The pages are in English alone: USE_I18N is off.
    for translation in list(packages.rglob("LC_MESSAGES")):
        if translation.parent.name != "en":
            shutil.rmtree(translation)
    for folder in UNUSED:
        shutil.rmtree(packages / folder)


if __name__ == "__main__":
    if find_spec("pip") is not None:
        raise SystemExit("This is no environment of an image: it has pip.")
    trim(Path(sysconfig.get_path("purelib")))
