"""The way into an EKS cluster: `cluster_access.py kubeconfig|token CLUSTER`, run as a file.

`kubeconfig` is for a temporary file: it names the cluster's address and certificate, and this program as the one that
makes tokens, so that it holds no secret itself. `token` is what kubectl then asks for whenever it needs one. A token is
a signed call of STS: https://kubernetes.io/docs/reference/config-api/client-authentication.v1/
"""

import base64
import json
import sys
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from botocore.signers import RequestSigner

_CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 3})
# EKS takes such a call for 15 minutes and refuses one that is signed for longer than this.
_SIGNED_SECONDS = 60
_CREDENTIAL = "client.authentication.k8s.io/v1"


def kubeconfig(eks: Any, cluster: str) -> dict[str, Any]:  # noqa: ANN401  # boto3 makes its clients at run time
    """For KUBECONFIG, which may be JSON."""
    found = eks.describe_cluster(name=cluster)["cluster"]
    certificate = found["certificateAuthority"]["data"]
    program = {
        "apiVersion": _CREDENTIAL,
        "interactiveMode": "Never",
        "command": sys.executable,
        "args": [str(Path(__file__).resolve()), "token", cluster],
    }
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": cluster, "cluster": {"server": found["endpoint"], "certificate-authority-data": certificate}}
        ],
        "users": [{"name": cluster, "user": {"exec": program}}],
        "contexts": [{"name": cluster, "context": {"cluster": cluster, "user": cluster}}],
        "current-context": cluster,
    }


def token(cluster: str) -> dict[str, Any]:
    """An ExecCredential. Without a time of expiry kubectl asks anew when the cluster refuses it."""
    session = boto3.Session()
    client = session.client("sts", config=_CONFIG)
    service, region = client.meta.service_model.service_id, client.meta.region_name
    credentials = session.get_credentials()
    if credentials is None:
        raise NoCredentialsError
    signer = RequestSigner(service, region, "sts", "v4", credentials, session.events)
    request = {
        "method": "GET",
        "url": f"{client.meta.endpoint_url}/?Action=GetCallerIdentity&Version=2011-06-15",
        "body": {},
        "headers": {"x-k8s-aws-id": cluster},
        "context": {},
    }
    url = signer.generate_presigned_url(request, region_name=region, expires_in=_SIGNED_SECONDS, operation_name="")
    text = "k8s-aws-v1." + base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")
    return {"apiVersion": _CREDENTIAL, "kind": "ExecCredential", "status": {"token": text}}


def main(arguments: list[str]) -> int:
    """The exit code."""
    wanted, cluster = arguments
    try:
        said = token(cluster) if wanted == "token" else kubeconfig(boto3.client("eks", config=_CONFIG), cluster)
    except ClientError as error:
        refusal = error.response["Error"]
        return _failed(f"AWS refused {error.operation_name}: {refusal.get('Code')}: {refusal.get('Message')}")
    except BotoCoreError as error:
        return _failed(str(error))
    json.dump(said, sys.stdout)
    return 0


def _failed(sentence: str) -> int:
    sys.stderr.write(f"error: {sentence}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
