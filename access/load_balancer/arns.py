"""The load balancer's ARN, and where its region publishes the public keys."""

import re

_ARN = re.compile(
    r"arn:(?P<partition>aws|aws-us-gov):elasticloadbalancing:(?P<region>[a-z]{2}(-[a-z]+)+-\d):\d{12}"
    r":loadbalancer/app/[A-Za-z0-9-]{1,32}/[0-9a-f]{1,32}"
)


def keys_address(arn: str) -> str | None:
    """The address that a key's id is appended to; None for a text that is no ARN of an Application Load Balancer.

    Both forms: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
    """
    match = _ARN.fullmatch(arn)
    if match is None:
        return None
    region = match["region"]
    if match["partition"] == "aws-us-gov":
        return f"https://s3-{region}.amazonaws.com/aws-elb-public-keys-prod-{region}"
    return f"https://public-keys.auth.elb.{region}.amazonaws.com"
