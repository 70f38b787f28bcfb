"""An issuer that people sign in at: it hands out codes, redeems each once, and checks what it is sent."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit

from tests.access.local_issuer import DISCOVERY, KEYS, LocalIssuer
from tests.access.publisher import Page, _Handler

CLIENT_ID, CLIENT_SECRET = "staff-pages", "a secret: of %2F odd+characters"
ALICE = {
    "sub": "5b1f-alice",
    "preferred_username": "alice",
    "email": "alice@example.com",
    "given_name": "Alice",
    "family_name": "Ashe",
    "cognito:groups": ["chat-support", "canteen"],
}


@dataclass
class Asked:
    """What a browser was sent here with, and what it is to be answered."""

    query: dict[str, str]
    claims: dict[str, Any]


class _SignIns(_Handler):
    server: "StaffIssuer"

    def do_POST(self) -> None:  # noqa: N802  # the base class's name for it
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode(), strict_parsing=True)
        fields = {name: values[0] for name, values in form.items()}
        self.server.pages["/token"] = self.server.redeem(fields, self.headers.get("Authorization", ""))
        self.do_GET()

    def do_GET(self) -> None:  # noqa: N802  # as above
        if self.path.startswith("/authorize?"):
            self.server.pages[self.path] = Page(b"", 302, {"Location": self.server.answer_to(self.path)})
        super().do_GET()


class StaffIssuer(LocalIssuer):
    """Whoever comes is `person`, whose claims stand in the next ID token; `changes` and `signing` spoil it."""

    def __init__(self) -> None:
        super().__init__()
        self.RequestHandlerClass = _SignIns
        self.person: dict[str, Any] = dict(ALICE)
        self.changes: dict[str, object] = {}
        self.signing: dict[str, Any] = {}
        self.answer: dict[str, Any] | None = None  # to a good code, in place of an ID token
        self.codes: dict[str, Asked] = {}
        self.forms: list[dict[str, str]] = []
        self.describe()

    def describe(self, **changes: object) -> None:
        """Publishes a discovery document."""
        usual = {
            "issuer": self.url,
            "jwks_uri": self.url + KEYS,
            "authorization_endpoint": self.url + "/authorize",
            "token_endpoint": self.url + "/token",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }
        self.pages[DISCOVERY] = Page(json.dumps(usual | changes).encode())

    def answer_to(self, address: str) -> str:
        """Where the browser goes on to with its code."""
        query = dict(parse_qsl(urlsplit(address).query))
        code = secrets.token_urlsafe(16)
        self.codes[code] = Asked(query, dict(self.person))
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def redeem(self, form: dict[str, str], authorization: str) -> Page:
        self.forms.append(form)
        asked = self.codes.pop(form.get("code", ""), None)
        if not self._knows(form, authorization):
            return Page(json.dumps({"error": "invalid_client"}).encode(), 401)
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if (
            asked is None
            or form["redirect_uri"] != asked.query["redirect_uri"]
            or asked.query["code_challenge"] != base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
        ):
            return Page(json.dumps({"error": "invalid_grant", "error_description": "of alice's"}).encode(), 400)
        claims = {"aud": CLIENT_ID, "nonce": asked.query["nonce"]} | asked.claims | self.changes
        usual = {"id_token": self.token(claims, **self.signing), "access_token": "secret-access-token"}
        return Page(json.dumps(usual if self.answer is None else self.answer).encode())

    @staticmethod
    def _knows(form: dict[str, str], authorization: str) -> bool:
        if authorization:
            pair = base64.b64decode(authorization.removeprefix("Basic ")).decode().split(":")
            return [unquote(part) for part in pair] == [CLIENT_ID, CLIENT_SECRET] and "client_secret" not in form
        return (form["client_id"], form["client_secret"]) == (CLIENT_ID, CLIENT_SECRET)
