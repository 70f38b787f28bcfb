"""The OpenAPI document, played against the running server: every answer is one that the document announces."""

from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import ChecksConfig, GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.config._checks import SimpleCheckConfig

from chatbot_project.wsgi import application

# The server under test lets anonymous callers in, so credentials make no difference to it.
_project = ProjectConfig(
    generation=GenerationConfig(with_security_parameters=False),
    checks=ChecksConfig(ignored_auth=SimpleCheckConfig(enabled=False)),
)
document = schemathesis.openapi.from_wsgi(
    "/openapi.json", application, config=SchemathesisConfig(projects=ProjectsConfig(default=_project))
)

# The same requests in every run. The tables are emptied for each operation, not for each request.
playing = settings(
    max_examples=8,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@document.parametrize()
@playing
def test_answers_only_what_the_document_announces(case: schemathesis.Case[Any], api: httpx.Client) -> None:
    case.call_and_validate(base_url=str(api.base_url), timeout=10)
