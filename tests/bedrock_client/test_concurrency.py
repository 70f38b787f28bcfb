"""Many calls at once, on threads and on gevent's greenlets."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings

from tests.scripted_bedrock import ScriptedBedrock

from .asking import ask

CALLS = 8

ON_GREENLETS = f"""
from gevent import monkey
monkey.patch_all()
import json
import gevent
from django.conf import settings
settings.configure(
    AWS_REGION="us-east-1", BEDROCK_REGIONS=["us-east-1"], BEDROCK_FALLBACK_MODELS=[], BEDROCK_MODELS=[],
    BEDROCK_MODEL_ID="us.amazon.nova-pro-v1:0", GUNICORN_CONNECTIONS=100, CHAT_DEADLINE_SECONDS=30,
)
from bedrock_client import (DeadlineExceeded, ModelRequest, converse)
from core.deadline import Deadline

def ask(number, seconds, model_id="us.amazon.nova-pro-v1:0"):
    request = ModelRequest(model_id, str(number), max_tokens=10)
    try:
        return converse(request, deadline=Deadline.after(seconds)).text
    except DeadlineExceeded as error:
        return error.code

# The first waits in vain, and its short deadline is nobody else's.
waiting = [gevent.spawn(ask, 0, 0.7, "us.amazon.nova-lite-v1:0")]
gevent.sleep(0.2)
waiting += [gevent.spawn(ask, number, 20) for number in range(1, {CALLS} + 1)]
gevent.joinall(waiting)
print(json.dumps([greenlet.get() for greenlet in waiting]))
"""


def test_threads_share_a_client_and_wait_side_by_side(bedrock: ScriptedBedrock) -> None:
    bedrock.together(CALLS)

    with ThreadPoolExecutor(CALLS) as pool:
        texts = list(pool.map(lambda number: ask(str(number)).text, range(CALLS)))

    assert texts == [f"You said: {number}" for number in range(CALLS)]


def test_greenlets_share_a_client_and_wait_side_by_side(bedrock: ScriptedBedrock) -> None:
    bedrock.hang(model_id="us.amazon.nova-lite-v1:0")
    bedrock.together(CALLS)

    child = subprocess.run(
        [sys.executable, "-c", ON_GREENLETS],
        cwd=settings.BASE_DIR,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert json.loads(child.stdout) == ["deadline_exceeded", *(f"You said: {number}" for number in range(1, CALLS + 1))]
