"""A real Prometheus with the rules of deployment/monitoring, in a hurry: what takes minutes there takes seconds."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml

from deployment.monitoring import rule_files
from local_aws.ports import LOOPBACK, free_port
from tests.deployment.monitoring.rules import program
from tests.processes.waiting import until

SCRAPED_EVERY, PATIENCE = "500ms", "2s"


@contextmanager
def watching(metrics_address: str, folder: Path) -> Iterator["Prometheus"]:
    """Prometheus, which reads the metrics at `metrics_address` (HOST:PORT) until the end of the block."""
    rules = _impatient(folder / "rules")
    configuration = {
        "global": {"scrape_interval": SCRAPED_EVERY, "scrape_timeout": SCRAPED_EVERY, "evaluation_interval": "1s"},
        "rule_files": [str(rule) for rule in rules],
        "scrape_configs": [{"job_name": "chatbot-api", "static_configs": [{"targets": [metrics_address]}]}],
    }
    file = folder / "prometheus.yaml"
    file.write_text(yaml.safe_dump(configuration))
    address = f"{LOOPBACK}:{free_port()}"
    command = [
        *(program("prometheus"), f"--config.file={file}", f"--storage.tsdb.path={folder / 'data'}"),
        *(f"--web.listen-address={address}", "--log.level=warn"),
    ]
    with (folder / "prometheus.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        server = Prometheus(f"http://{address}")
        until(server.is_ready)
        yield server
    finally:
        process.terminate()
        process.wait(30)


class Prometheus:
    """What is asked of it."""

    def __init__(self, url: str) -> None:
        self._url = url

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self._url}/-/ready", timeout=5).is_success
        except httpx.TransportError:
            return False

    def firing(self) -> dict[str, dict[str, Any]]:
        """Labels and annotations of the alerts that fire, by their names."""
        answer = httpx.get(f"{self._url}/api/v1/alerts", timeout=10).raise_for_status().json()
        return {
            alert["labels"]["alertname"]: {"labels": alert["labels"], "annotations": alert["annotations"]}
            for alert in answer["data"]["alerts"]
            if alert["state"] == "firing"
        }

    def value(self, expression: str) -> float | None:
        """Of an expression with one result; None where there is none."""
        answer = httpx.get(f"{self._url}/api/v1/query", params={"query": expression}, timeout=10)
        found = answer.raise_for_status().json()["data"]["result"]
        return float(found[0]["value"][1]) if found else None


def _impatient(folder: Path) -> list[Path]:
    """The rules as they are, but for how long something must last."""
    files = rule_files.write(folder)
    for file in files:
        document = yaml.safe_load(file.read_text())
        for group in document["groups"]:
            group["interval"] = "1s"
            group["rules"] = [rule | ({"for": PATIENCE} if "for" in rule else {}) for rule in group["rules"]]
        file.write_text(yaml.safe_dump(document, width=1000))
    return files
