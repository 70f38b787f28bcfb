"""What telemetry adds to a turn and to its request, in CPU time: `python -m benchmarks.telemetry_cost`.

A turn's whole record is played without a turn: as many stages, calls, metrics and log lines as a turn of an old session
has. METRICS says where metrics go; prometheus writes files that workers share, as under gunicorn.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

_MEMORY = "/dev/shm"  # noqa: S108  # nosec B108
RUNS, TURNS = 7, 2_000
MODEL = "us.amazon.nova-pro-v1:0"


def main() -> None:
    """Prints microseconds, the best of several runs: whatever else the machine does only adds to them."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder, Path(os.devnull).open("w") as nowhere:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        with redirect_stderr(nowhere), redirect_stdout(nowhere):
            import django

            django.setup()
            turn, request = _microseconds(_turn), _microseconds(_request())
    sys.stdout.write(f"a turn {turn:.0f}, its request {request:.0f} microseconds\n")


def _microseconds(work: Callable[[], object]) -> float:
    return min(_run(work) for _ in range(RUNS))


def _run(work: Callable[[], object]) -> float:
    began = time.process_time()
    for _ in range(TURNS):
        work()
    return (time.process_time() - began) / TURNS * 1_000_000


def _turn() -> None:
    from telemetry.calls import OK, ModelCall, store_call
    from telemetry.turn import cache_result, stage, start

    record = start(owner="ada", answer="json")
    with record.current():
        with stage("begin"):
            store_call("UpdateItem", OK, 0.004)
        record.begun(session_id="s", turn_id="t", model_id=MODEL)
        with stage("context"):
            cache_result("miss")
            store_call("Query", OK, 0.003)
        with stage("model"):
            ModelCall(MODEL).attempted(MODEL, "us-east-1", OK, 0.9)
        with stage("commit"):
            store_call("TransactWriteItems", OK, 0.008)
        record.answered(
            model_id=MODEL,
            region="us-east-1",
            stop_reason="end_turn",
            input_tokens=500,
            output_tokens=80,
            cost_nano_usd=656_000,
            stopped=False,
        )


def _request() -> Callable[[], object]:
    from django.http import HttpResponse
    from django.test import RequestFactory

    from telemetry.requests import RequestMiddleware, note_owner

    def view(_: object) -> HttpResponse:
        note_owner("ada")
        return answer

    answer, request = HttpResponse(), RequestFactory().post("/chat")
    middleware = RequestMiddleware(view)
    return lambda: middleware(request)


if __name__ == "__main__":
    main()
