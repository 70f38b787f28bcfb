"""Every environment variable that deployment gives to the application is one that it reads."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from chatbot_project.settings import SECRETS
from tests.test_settings_documented import OF_THE_SDK, documented, names_read

DEPLOYMENT = settings.BASE_DIR / "deployment"
_NAME = r"([A-Z][A-Z0-9_]{2,})"
# How a name is given in each kind of file. Terraform's and Kubernetes' own words are never in capitals.
_GIVEN = {
    ".tf": (rf'^\s*"?{_NAME}"?\s*=(?!=)', rf'[{{,]\s*"?{_NAME}"?\s*=(?!=)'),
    ".tfvars": (rf'^\s*"?{_NAME}"?\s*=', rf'[{{,]\s*"?{_NAME}"?\s*='),
    ".json": (rf'"{_NAME}"\s*:',),
    ".env": (rf"^\s*{_NAME}=",),
    ".yaml": (
        rf'^\s*(?:- )?\s*"?{_NAME}"?:(?:\s|$)',
        rf"\b(?:name|secretKey|property|objectAlias):\s*[\"']?{_NAME}\b",
        rf"^\s*- [\"']?{_NAME}=",
        rf"/data/{_NAME}\b",
    ),
    ".sh": (rf"(?:^|\s)(?:-e|--env)[ =][\"']?{_NAME}=",),
    ".py": (rf"\bos\.environ(?:\.setdefault\(|\[)\s*[\"']{_NAME}[\"']",),
    "Dockerfile": (rf"(?:^ENV|\\\n)\s+{_NAME}=",),
}
# Names that somebody else reads.
OF_OTHERS = {
    "PATH": "the shell",
    "PYTHONDONTWRITEBYTECODE": "Python",
    "PYTHONUNBUFFERED": "Python",
    "DJANGO_SETTINGS_MODULE": "Django",
    "KUBERNETES_NAMESPACE": "Reloader",
    "PRIMARY": "Route 53",
    "PROMETHEUS_MULTIPROC_DIR": "prometheus_client",
    "SECRETS_VERSION": "Lambda, for which another value is another version",
    "SECONDARY": "Route 53",
}


def names_in(path: Path) -> Iterator[str]:
    """Names of environment variables that a file gives to somebody; comments do not count."""
    kind = "Dockerfile" if path.name.startswith("Dockerfile") else {".yml": ".yaml"}.get(path.suffix, path.suffix)
    if kind not in _GIVEN:
        return
    text = "\n".join(line for line in path.read_text().splitlines() if not line.lstrip().startswith("#"))
    for pattern in _GIVEN[kind]:
        yield from re.findall(pattern, text, flags=re.MULTILINE)


def unknown_names(folder: Path) -> dict[str, list[str]]:
    """Names that nobody is known to read, with the files that give them."""
    known = {name for name, _ in documented()} & ({*names_read()} | OF_THE_SDK)
    known |= {f"{name}_FILE" for name in SECRETS} | set(OF_OTHERS)
    found: defaultdict[str, set[str]] = defaultdict(set)
    for path in sorted(folder.rglob("*")):
        if path.is_file() and ".terraform" not in path.parts:
            for name in set(names_in(path)) - known:
                found[name].add(str(path.relative_to(folder)))
    return {name: sorted(paths) for name, paths in sorted(found.items())}


def test_the_application_reads_every_name_that_it_is_given() -> None:
    assert unknown_names(DEPLOYMENT) == {}


def test_names_are_found_in_the_files_that_are_there() -> None:
    found = {name for path in DEPLOYMENT.rglob("*") if path.is_file() for name in names_in(path)}

    assert {"CONVERSATIONS_TABLE", "DJANGO_SECRET_KEY", "SECURE_PROXY_SSL_HEADER", "STATIC_ROOT", "PORT"} <= found


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("main.tf", "environment {\n  variables = {\n    MISSPELT = var.x\n  }\n}\n"),
        ("main.tf", "settings = merge(local.a, var.b ? { MISSPELT = var.x, PORT = 1 } : {})\n"),
        ("production.tfvars", 'settings = {\n  "MISSPELT" = "1"\n}\n'),
        ("task.json", '{"environment": {"MISSPELT": "1"}}'),
        ("settings.env", "PORT=8000\nMISSPELT=1\n"),
        ("config.yaml", "kind: ConfigMap\ndata:\n  MISSPELT: '1'\n"),
        ("pod.yaml", "env:\n  - name: MISSPELT\n    value: '1'\n"),
        ("pod.yml", "env: [{name: MISSPELT, value: '1'}]\n"),
        ("secret.yaml", "data:\n  - secretKey: MISSPELT\n    remoteRef:\n      key: chatbot\n"),
        ("kustomization.yaml", "configMapGenerator:\n  - name: chatbot-api\n    literals:\n      - MISSPELT=1\n"),
        ("patch.yaml", "- op: replace\n  path: /data/MISSPELT\n  value: '1'\n"),
        ("run.sh", 'podman run --env MISSPELT=1 -e PORT="8000" chatbot-api\n'),
        ("handler.py", 'os.environ.setdefault("MISSPELT", "1")\n'),
        ("Dockerfile", "ENV PORT=8000 \\\n    MISSPELT=1\n"),
        ("Dockerfile.lambda", "ENV MISSPELT=1\n"),
    ],
)
def test_a_misspelt_name_is_found_wherever_it_stands(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / file).write_text(text)

    assert unknown_names(tmp_path) == {"MISSPELT": [f"deep/{file}"]}


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("main.tf", '# MISSPELT = 1\nresource "x" "y" {\n  capacity_type = "ON_DEMAND"\n  ok = local.a == "S3"\n}\n'),
        ("pod.yaml", "# MISSPELT: 1\ncapabilities:\n  drop: [ALL]\nprotocol: TCP\n"),
        ("run.sh", "readonly MISSPELT=1\nexport OTHER=2\n"),
        ("Dockerfile", "ARG MISSPELT=1\nRUN echo\n"),
        ("secret.yaml", "- secretKey: DATABASE_URL_FILE\n"),
    ],
)
def test_what_is_no_variable_of_the_application_is_left_alone(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / file).write_text(text)

    assert unknown_names(tmp_path) == {}
