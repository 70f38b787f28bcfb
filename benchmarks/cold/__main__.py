"""`make bench-cold`: starts functions in turn, prints medians. Ends with 1 when ours answers later than the peer."""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.children import Child, Failed
from benchmarks.cold.containers import Containers
from benchmarks.cold.starts import Function, Start

_LEGEND = """\
One after the other in turn, byte code compiled for all. The service answers a whole chat: DynamoDB and Bedrock are
scripted on this machine and answer at once. The peer says hello; it makes the same two clients at its start and uses
neither."""
_PROCESSES = """\
Milliseconds from a new process to its first answer, AWS's runtime client and Python itself among them; CPU: processor
time until then."""
_CONTAINERS = """\
Milliseconds from starting a container to its first answer, in containers of the service's image: with its own program,
and with the peer's mounted. What the container tool itself takes is in each; CPU is that tool's alone."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The program's exit status."""
    parser = argparse.ArgumentParser(prog="make bench-cold", description=__doc__.partition("\n")[0])
    parser.add_argument("--peer", required=True, metavar="PYTHON", help="of an environment with requirements-peers.txt")
    parser.add_argument("--image", metavar="NAME", help="start containers of this image, which make images built")
    parser.add_argument("--runs", type=int, default=15, metavar="N", help="starts of each (15)")
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as folder, Child("benchmarks.upstream") as upstream:
            settings = _settings(int(upstream.read()))
            if options.image:
                functions = _containers(Containers(options.image, options.peer), settings)
            else:
                functions = _processes(options.peer, settings, Path(folder))
            taken = _measure(functions, runs=max(1, options.runs))
    except Failed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    about = _CONTAINERS if options.image else _PROCESSES
    sys.stdout.write("\n".join([*_report(taken), "", about, _LEGEND]) + "\n")
    service, peer = (statistics.median(start.wall for start in taken[name]) for name in ("service", "peer"))
    return 1 if service > peer else 0


def _settings(upstream_port: int) -> dict[str, str]:
    upstream = f"http://127.0.0.1:{upstream_port}"
    return {
        "DJANGO_SECRET_KEY": "a-key-for-benchmarks-only-of-fifty-characters-that-signs-nothing",
        "DJANGO_ALLOWED_HOSTS": ".on.aws",
        "ALLOW_ANONYMOUS": "on",
        "AWS_ENDPOINT_URL_DYNAMODB": upstream,
        "AWS_ENDPOINT_URL_BEDROCK": upstream,
        "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": upstream,
    }


def _processes(peer: str, service: dict[str, str], folder: Path) -> list[Function]:
    (folder / "static").mkdir()
    runtime = ("-m", "awslambdaric")
    state = {"LOCAL_STATE_DIR": str(folder)}
    return [
        Function("service", (sys.executable, *runtime, "deployment.lambda_handler.handler"), service | state),
        Function("peer", (peer, *runtime, "benchmarks.cold.hello.handler"), {}),
        Function("peer without clients", (peer, *runtime, "benchmarks.cold.bare.handler"), {}),
    ]


def _containers(containers: Containers, service: dict[str, str]) -> list[Function]:
    return [
        containers.service(service),
        containers.hello("peer", "hello"),
        containers.hello("peer without clients", "bare"),
    ]


def _measure(functions: list[Function], *, runs: int) -> dict[str, list[Start]]:
    """Of each its times, a first one that fills caches and compiles left out."""
    for function in functions:
        function.start()
    taken: dict[str, list[Start]] = {function.name: [] for function in functions}
    for _ in range(runs):
        for function in functions:
            taken[function.name].append(function.start())
    return taken


def _report(taken: dict[str, list[Start]]) -> list[str]:
    lines = [f"{'':22}{'median':>8}{'least':>8}{'most':>8}{'service ÷':>11}{'CPU':>8}{'service ÷':>11}"]
    own = [statistics.median(figures) for figures in _figures(taken["service"])]
    for name, starts in taken.items():
        wall, cpu = _figures(starts)
        medians = statistics.median(wall), statistics.median(cpu)
        lines.append(
            f"{name:22}{medians[0]:8.0f}{min(wall):8.0f}{max(wall):8.0f}{own[0] / medians[0]:11.2f}"
            f"{medians[1]:8.0f}{own[1] / medians[1]:11.2f}"
        )
    return lines


def _figures(starts: list[Start]) -> tuple[list[float], list[float]]:
    return [start.wall for start in starts], [start.cpu for start in starts]


if __name__ == "__main__":
    sys.exit(main())
