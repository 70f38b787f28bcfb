"""Clients of AWS's services, all made from the process's one session.

The session reads its configuration and botocore's lists of endpoints once, whatever the number of clients. Calls on one
client are thread-safe; making one is not: https://docs.aws.amazon.com/boto3/latest/guide/clients.html
"""

import threading
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.httpsession import get_cert_path
from botocore.loaders import Loader

# Those that the service calls, and those that the SDK itself gets credentials from (service accounts, SSO, roles).
_SERVICES = ["bedrock", "bedrock-runtime", "dynamodb", "secretsmanager", "signin", "sso", "sso-oidc", "sts"]

_making = threading.Lock()


def make_client(service: str, region: str, config: Config) -> Any:  # noqa: ANN401  # botocore makes the client's class at run time
    """A new client, which opens no connection yet. Raises botocore's errors when profile or region are unusable."""
    with _making:
        return _session().create_client(service, region, config=config)


def credentials() -> Credentials | None:
    """Those that every client signs with, renewed by themselves; None where there are none.

    Raises botocore's errors when they cannot be had.
    """
    with _making:
        return _session().get_credentials()


def ca_bundle(client: Any) -> str:  # noqa: ANN401  # as above
    """The file of certificates that a client trusts: of AWS_CA_BUNDLE or REQUESTS_CA_BUNDLE, or the SDK's own."""
    return str(get_cert_path(client._endpoint.http_session._verify))  # noqa: SLF001  # it has no public name


class _OurServices(Loader):
    """botocore's descriptions of services. The stock loader looks into the folders of all, hundreds, to name them."""

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002  # the base class's signature
        return _SERVICES


@cache
def _session() -> botocore.session.Session:
    session = botocore.session.get_session()
    session.register_component("data_loader", _OurServices())
    return session
