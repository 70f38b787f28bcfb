"""On EKS credentials come from STS, for the token of the pod's service account: the image must be able to ask."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import pytest

from tests.deployment.images.containers import SERVER, run

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(300)]

ROLE = "arn:aws:iam::111122223333:role/chatbot-api"
ANSWER = b"""<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>000000000001</AccessKeyId><SecretAccessKey>not-a-secret
</SecretAccessKey><SessionToken>token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>
</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"""


class STS(HTTPServer):
    """Gives credentials to whoever asks, and remembers for which role."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.roles: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    server: STS

    def do_POST(self) -> None:
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.roles += asked["RoleArn"]
        self.send_response(200)
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's signature
        """Requests of a test are no news."""


@pytest.fixture
def sts() -> Iterator[STS]:
    with STS() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_service_accounts_role_opens_the_tables(production: dict[str, str], sts: STS) -> None:
    variables = {name: value for name, value in production.items() if not name.startswith(("AWS_ACCESS", "AWS_SECRET"))}
    variables |= {
        "AWS_ROLE_ARN": ROLE,
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/app/manage.py",  # any file: this STS believes everything
        "AWS_ENDPOINT_URL_STS": f"http://127.0.0.1:{sts.server_port}",
    }
    made = run(SERVER, "python", "manage.py", "create_tables", variables=variables)
    assert made.returncode == 0, made.stderr
    assert set(sts.roles) == {ROLE}
