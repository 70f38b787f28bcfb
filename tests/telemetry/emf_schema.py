"""What CloudWatch takes for a document of its Embedded Metric Format.

After the schema and the limits that AWS publishes with the format (30 dimensions are CloudWatch's bound of today):
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from typing import Any

_NAME = {"type": "string", "minLength": 1, "maxLength": 255}
_UNITS = ["Seconds", "Microseconds", "Milliseconds", "Bytes", "Percent", "Count", "Count/Second", "None"]
_METRIC = {
    "type": "object",
    "required": ["Name"],
    "properties": {"Name": _NAME, "Unit": {"enum": _UNITS}, "StorageResolution": {"enum": [1, 60]}},
    "additionalProperties": False,
}
_DIRECTIVE = {
    "type": "object",
    "required": ["Namespace", "Dimensions", "Metrics"],
    "properties": {
        "Namespace": _NAME,
        "Dimensions": {"type": "array", "minItems": 1, "items": {"type": "array", "maxItems": 30, "items": _NAME}},
        "Metrics": {"type": "array", "maxItems": 100, "items": _METRIC},
    },
    "additionalProperties": False,
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["_aws"],
    "properties": {
        "_aws": {
            "type": "object",
            "required": ["Timestamp", "CloudWatchMetrics"],
            "properties": {
                "Timestamp": {"type": "integer"},
                "CloudWatchMetrics": {"type": "array", "items": _DIRECTIVE},
            },
            "additionalProperties": False,
        }
    },
}
# What the words around the schema demand of the members that it names.
DIMENSION = {"type": "string", "minLength": 1, "maxLength": 1024}
VALUE: dict[str, Any] = {
    "anyOf": [{"type": "number"}, {"type": "array", "minItems": 1, "maxItems": 100, "items": {"type": "number"}}]
}
MOST_BYTES = 256 * 1024
