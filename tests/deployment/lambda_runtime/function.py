"""The function as its image starts it: `python -m awslambdaric deployment.lambda_handler.handler`."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent.parent


class FunctionProcess:
    """Asks the Runtime API at `address` for events until it is killed. `log` holds what it printed.

    DynamoDB and Bedrock are those of the test run; `variables` change its environment.
    """

    def __init__(self, address: str, folder: Path, **variables: str) -> None:
        self.log = folder / "log"
        own = {
            "DJANGO_SETTINGS_MODULE": "chatbot_project.settings",
            "AWS_LAMBDA_RUNTIME_API": address,
            "AWS_LAMBDA_FUNCTION_NAME": "chatbot-api",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
            "_HANDLER": "deployment.lambda_handler.handler",
        }
        with self.log.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "awslambdaric", own["_HANDLER"]],
                cwd=ROOT,
                env=os.environ | own | variables,
                stdout=log,
                stderr=log,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        """End it at once, as Lambda does."""
        self._process.kill()
        self._process.wait()
