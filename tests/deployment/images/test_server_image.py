"""The server's image under a read-only root, without capabilities, in 512 MB: it chats, serves staff and ends well."""

import re
import sys
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.conversations.api.asking import events, problem
from tests.deployment.images.containers import SERVER, Container, inspect, run
from tests.processes.open_stream import open_stream
from tests.processes.waiting import until
from tests.scripted_bedrock import ScriptedBedrock

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(300)]

# Megabytes on disk on top of the base image: 120 when this was written, most of it Python packages.
MOST_MEGABYTES = 130
# gunicorn's graceful_timeout at the usual CHAT_DEADLINE_SECONDS, and what Kubernetes adds to it.
GRACE_SECONDS = 90


def test_is_alive_and_ready(caller: httpx.Client, server: Container, port: int) -> None:
    assert caller.get("/health").json() == {"status": "ok"}
    assert caller.get("/health/ready").json() == {"ready": True, "checks": {"dynamodb": "ok", "bedrock": "ok"}}
    server.execute("python", "deployment/health_check.py", str(port))


def test_chats_and_remembers(caller: httpx.Client) -> None:
    body = caller.post("/chat", json={"message": "Hello", "session_id": "image"}).raise_for_status().json()
    assert body["response"] == "You said: Hello"
    history = caller.get("/history/image").raise_for_status().json()
    assert [message["content"] for message in history["messages"]] == ["Hello", "You said: Hello"]


def test_streams(caller: httpx.Client, bedrock: ScriptedBedrock) -> None:
    bedrock.stream("One", " two")
    told = events(caller.post("/chat", json={"message": "Count", "stream": True}))
    assert [name for name, _ in told] == ["start", "delta", "delta", "done"]
    assert told[-1][1]["response"] == "One two"


def test_lets_no_stranger_in(caller: httpx.Client) -> None:
    refused = caller.post("/chat", json={"message": "Hello"}, headers={"X-API-Key": ""})
    assert problem(refused) == (401, "not_authenticated")


def test_staff_sign_in_to_pages_with_all_their_files(caller: httpx.Client, server: Container) -> None:
    words = {"DJANGO_SUPERUSER_USERNAME": "lead", "DJANGO_SUPERUSER_PASSWORD": "a long password of staff"}
    server.execute("python", "manage.py", "createsuperuser", "--no-input", "--email", "lead@example.com", **words)
    page = caller.get("/admin/login/").raise_for_status()
    files = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text))
    assert files
    assert {file: caller.get(file).status_code for file in files} == dict.fromkeys(files, 200)

    # Cookies are for https alone, so this client, which stands in for the load balancer, passes them on by hand.
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[0]
    form = {
        "csrfmiddlewaretoken": token,
        "username": words["DJANGO_SUPERUSER_USERNAME"],
        "password": words["DJANGO_SUPERUSER_PASSWORD"],
    }
    headers = {"Cookie": f"csrftoken={page.cookies['csrftoken']}", "Referer": "https://127.0.0.1/admin/login/"}
    signed_in = caller.post("/admin/login/?next=/admin/", data=form, headers=headers | {"Host": "127.0.0.1"})
    assert (signed_in.status_code, signed_in.headers["location"]) == (302, "/admin/")
    cookie = {"Cookie": f"sessionid={signed_in.cookies['sessionid']}"}
    for address in ("/admin/", "/admin/jsi18n/"):
        assert caller.get(address, headers=cookie).status_code == 200


def test_pages_of_the_documentation_come_compressed(caller: httpx.Client) -> None:
    page = caller.get("/docs").raise_for_status()
    scripts = [file for file in re.findall(r'src="(/static/[^"]+\.js)"', page.text) if "swagger-ui" in file]
    assert scripts
    for script in scripts:
        assert caller.get(script).raise_for_status().headers["content-encoding"] == "gzip"


def test_every_client_can_be_made(server: Container) -> None:
    """What was taken out of the SDK is missed by nothing: not by tables, models, secrets or any way to credentials."""
    made = server.execute(
        "python",
        "-c",
        "import botocore.session as s\n"
        "names = 'bedrock bedrock-runtime dynamodb secretsmanager signin sso sso-oidc sts'.split()\n"
        "for name in names: print(s.get_session().create_client(name, 'eu-central-1').meta.endpoint_url)",
    )
    assert len(made.splitlines()) == 8


def test_runs_without_rights(server: Container) -> None:
    status = dict(
        line.split(":\t", 1) for line in server.execute("cat", "/proc/1/status").splitlines() if ":\t" in line
    )
    asked = ("Uid", "Gid", "CapEff", "CapBnd", "NoNewPrivs")
    nobody = "\t".join(["10001"] * 4)
    assert [status[name] for name in asked] == [nobody, nobody, "0" * 16, "0" * 16, "1"]


def test_nothing_but_temporary_files_can_be_written(server: Container) -> None:
    tried = server.execute(
        "sh",
        "-c",
        "for d in / /app /app/static /opt/venv /var/tmp /run /tmp /dev/shm; do test -w $d && echo $d; done; true",
    )
    assert tried.split() == ["/tmp", "/dev/shm"]  # noqa: S108  # where it may


def test_holds_what_runs_and_nothing_else(server: Container) -> None:
    assert server.execute("ls", "-A", "/app").split() == [
        *("__pycache__", "access", "bedrock_client", "chatbot_project", "conversations", "core", "deployment"),
        *("dynamodb_client", "manage.py", "static", "telemetry"),
    ]
    assert server.execute("ls", "-A", "/app/deployment").split() == [
        *("__init__.py", "__pycache__", "gunicorn.conf.py", "health_check.py", "lambda_events.py", "lambda_handler.py"),
    ]
    assert server.execute("sh", "-c", "ls /images /run/secrets /opt/installer 2>/dev/null; true") == ""
    tools = ("cc", "gcc", "g++", "make", "ld", "git", "curl", "wget", "pip", "pip3")
    assert server.execute("sh", "-c", f"for t in {' '.join(tools)}; do command -v $t; done; true") == ""
    packages = (
        "import importlib.util as u; print([n for n in ('pip', 'setuptools', 'pytest', 'moto') if u.find_spec(n)])"
    )
    assert server.execute("python", "-c", packages) == "[]\n"


def test_python_finds_all_its_byte_code(server: Container) -> None:
    """The root is read-only: what is not compiled in the image is compiled at every start."""
    missing = server.execute(
        "python",
        "-c",
        "import importlib.util as u, pathlib as p\n"
        "for root in ('/app', '/opt/venv/lib'):\n"
        "    for file in p.Path(root).rglob('*.py'):\n"
        "        code = p.Path(u.cache_from_source(str(file)))\n"
        "        # PEP 552: 1 is byte-code by hash, never compared with its source\n"
        "        if not code.exists() or code.read_bytes()[4:8] != bytes([1, 0, 0, 0]): print(file)\n"
        "import json; print(p.Path(json.__cached__).exists())",
    )
    assert missing == "True\n"


def test_keeps_no_secret_and_says_what_it_is(server: Container) -> None:
    described = inspect(SERVER)
    config = described["Config"]
    variables = dict(variable.split("=", 1) for variable in config["Env"])
    assert variables["PATH"].startswith("/opt/venv/bin:")
    assert {name: variables[name] for name in ("STATIC_ROOT", "LOCAL_STATE_DIR", "PORT")} == {
        "STATIC_ROOT": "/app/static",
        "LOCAL_STATE_DIR": "/tmp/chatbot",  # noqa: S108  # the image's own
        "PORT": "8000",
    }
    assert not [name for name in variables if "KEY" in name or "SECRET" in name or "PIP" in name]
    assert (config["User"], config["WorkingDir"]) == ("10001:10001", "/app")
    assert config["Cmd"] == ["gunicorn", "-c", "deployment/gunicorn.conf.py", "chatbot_project.wsgi"]
    labels = {name.removeprefix("org.opencontainers.image."): text for name, text in config["Labels"].items()}
    assert (labels["title"], labels["version"]) == ("chatbot-api", "0.1.0")
    assert {"description", "revision"} <= set(labels)


def test_stays_small(capsys: pytest.CaptureFixture[str]) -> None:
    """The size on top of the base image, which is somebody else's affair."""
    folders = run(SERVER, "du", "-skx", "/app", "/opt/venv", variables={}).stdout.splitlines()
    own = sum(int(line.split()[0]) for line in folders) // 1024
    with capsys.disabled():
        sys.stdout.write(f" {SERVER}: {inspect(SERVER)['Size'] // 10**6} MB, of it {own} MB the project's ")
    assert own < MOST_MEGABYTES


def test_does_not_start_with_a_guessable_key(production: dict[str, str]) -> None:
    refused = run(SERVER, variables=production | {"DJANGO_SECRET_KEY": "short"})
    assert refused.returncode not in (0, 137)
    assert "DJANGO_SECRET_KEY must have at least 50 random characters." in refused.stdout + refused.stderr


def test_ends_with_its_last_turn(
    ending_server: tuple[Container, str], caller: httpx.Client, bedrock: ScriptedBedrock
) -> None:
    container, url = ending_server
    gate = bedrock.gate()
    bedrock.stream("Half", gate, " and whole")
    with ThreadPoolExecutor(1) as threads, open_stream(caller, url, session_id="ending") as stream:
        stream.until_text("Half")
        stopped = threads.submit(container.stop, GRACE_SECONDS)
        until(lambda: "Handling signal: term" in container.log)
        gate.open()
        assert stream.last()[1]["response"] == "Half and whole"
        assert stopped.result() == 0, container.log
    stored = caller.get("/history/ending").raise_for_status().json()["messages"]
    assert [message["content"] for message in stored] == ["Hello", "Half and whole"]
