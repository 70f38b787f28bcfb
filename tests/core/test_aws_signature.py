"""What is signed here is signed as botocore signs it."""

import datetime as dt
import string
from urllib.parse import quote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as SDKCredentials
from hypothesis import example, given
from hypothesis import strategies as st

from core.aws_signature import Credentials, Scope, signed

ARN = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3"
# Of a header: what HTTP allows, without white space, which callers of ours do not send twice in a row or at an end.
values = st.text(string.ascii_letters + string.digits + string.punctuation, min_size=1, max_size=30)
names = st.text(string.ascii_lowercase, min_size=1, max_size=8).map(lambda name: f"x-amz-meta-{name}")
segments = st.text(st.characters(codec="utf-8"), max_size=12).map(lambda text: quote(text, safe="-._~"))
paths = st.lists(segments.filter(lambda part: part not in {"", ".", ".."}), max_size=4).map(
    lambda parts: "/" + "/".join(parts)
)
keys = st.text(string.ascii_letters + string.digits + "/+", min_size=1, max_size=40)


@example(
    path=f"/model/{quote(ARN, safe='-._~')}/converse-stream",
    body=b'{"messages":[]}',
    headers={"accept": "application/vnd.amazon.eventstream"},
    access_key="AKIDEXAMPLE",
    secret_key="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    token="AQoDYXdzEPT//////////wEXAMPLE==",
    region="us-gov-west-1",
    service="bedrock",
)
@given(
    path=paths,
    body=st.binary(max_size=200),
    headers=st.dictionaries(names, values, max_size=4),
    access_key=keys,
    secret_key=keys,
    token=st.none() | keys,
    region=st.sampled_from(["us-east-1", "eu-central-1", "cn-north-1"]),
    service=st.sampled_from(["dynamodb", "bedrock"]),
)
def test_signs_as_the_sdk_does(
    path: str,
    body: bytes,
    headers: dict[str, str],
    access_key: str,
    secret_key: str,
    token: str | None,
    region: str,
    service: str,
) -> None:
    host = "service.example.com:8443"
    theirs = AWSRequest("POST", f"https://{host}{path}", headers=headers, data=body)
    SigV4Auth(SDKCredentials(access_key, secret_key, token), service, region).add_auth(theirs)

    ours = signed(
        {**headers, "host": host},
        path=path,
        body=body,
        scope=Scope(region, service),
        credentials=Credentials(access_key, secret_key, token),
        now=dt.datetime.strptime(theirs.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC),
    )

    assert ours == {"host": host, **{name.lower(): value for name, value in theirs.headers.items()}}


def test_a_new_day_has_a_key_of_its_own() -> None:
    signatures = set()
    for day in (23, 24):
        now = dt.datetime(2026, 11, day, tzinfo=dt.UTC)
        signatures.add(
            signed(
                {"host": "h"},
                path="/",
                body=b"",
                scope=Scope("us-east-1", "dynamodb"),
                credentials=Credentials("id", "key", None),
                now=now,
            )["authorization"].rpartition("=")[2]
        )
    assert len(signatures) == 2
