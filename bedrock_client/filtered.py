"""Keeps what Bedrock says about a blocked answer and boto3 would drop.

An answer that the moderation of a Nova model blocked may be a 200 whose body has an `error` field. Converse's service
model does not know that field, so botocore's parser leaves it out, and a blocked answer would look like an empty one.
"""

import json
from collections.abc import Mapping, MutableMapping
from typing import Any


def keep_error_field(
    response_dict: Mapping[str, Any], customized_response_dict: MutableMapping[str, Any], **_event: object
) -> None:
    """Handler of botocore's `before-parse` event: copies the field `error` of a 200 into the parsed response."""
    body: bytes = response_dict["body"]
    if response_dict["status_code"] != 200 or b'"error"' not in body:  # noqa: PLR2004 - the status is the meaning
        return
    try:
        fields = json.loads(body)
    except ValueError:
        return  # a body that is not JSON has no fields; the reply is then refused for having no output
    if isinstance(fields, dict) and fields.get("error"):
        customized_response_dict["error"] = fields["error"]
