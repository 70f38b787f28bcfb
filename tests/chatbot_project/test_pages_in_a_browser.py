"""The pages in a real browser, under the policy that they are served with: everything works, nothing is violated."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from local_aws.ports import answers
from tests.processes.server_process import ServerProcess
from tests.processes.waiting import until

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SECONDS = 60
# ReDoc would load its logo from its maker's host.
EXPECTED = {"/redoc": ("Loading the image",)}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium (Debian: apt install chromium)"),
]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with its static files."""
    folder = tmp_path_factory.mktemp("pages")
    environment = {"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": ""}
    program = f"from tests import settings; settings.STATIC_ROOT = {str(folder / 'static')!r}\n"
    program += "import django; django.setup()\n"
    program += "from django.core.management import call_command; call_command('collectstatic', '--noinput', '-v0')"
    subprocess.run([sys.executable, "-c", program], cwd=settings.BASE_DIR, env=environment, check=True, timeout=SECONDS)
    server = ServerProcess(folder, deadline_seconds=20, STATIC_ROOT=str(folder / "static"))
    until(lambda: answers(int(server.url.rpartition(":")[2]), "/health"), seconds=SECONDS)
    yield server.url
    server.kill()


def visit(address: str, home: Path) -> tuple[str, list[str]]:
    """The page as it is after its scripts ran, and what the browser complains of."""
    assert CHROMIUM
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", f"--user-data-dir={home}"]
    command = [CHROMIUM, *options, "--virtual-time-budget=20000", "--dump-dom", address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True)
    return done.stdout, re.findall(r":CONSOLE[^\]]*\] \"(.*)", done.stderr)


@pytest.mark.parametrize(
    ("path", "shown"),
    [("/docs", "Send a message and have it answered"), ("/redoc", "What this service is"), ("/admin/login/", "Log in")],
)
def test_a_page_is_shown_whole_and_violates_nothing(pages: str, tmp_path: Path, path: str, shown: str) -> None:
    page, complaints = visit(f"{pages}{path}", tmp_path)

    assert shown in page
    assert [complaint for complaint in complaints if not complaint.startswith(EXPECTED.get(path, ()))] == []
