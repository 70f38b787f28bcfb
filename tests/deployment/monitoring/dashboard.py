"""The dashboard of Grafana, and what its panels ask for."""

import json
from typing import Any

from django.conf import settings

FILE = settings.BASE_DIR / "deployment" / "monitoring" / "grafana" / "chatbot.json"
# Grafana puts the values there.
VARIABLES = {"$__rate_interval": "5m", "$namespace": ".*", "$model": ".*"}


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text())
    return found


def panels() -> list[dict[str, Any]]:
    """All but the headings of rows."""
    return [panel for panel in dashboard()["panels"] if panel["type"] != "row"]


def expressions() -> list[str]:
    """As Prometheus gets them."""
    found = [target["expr"] for panel in panels() for target in panel["targets"]]
    for name, value in VARIABLES.items():
        found = [expression.replace(name, value) for expression in found]
    return found
